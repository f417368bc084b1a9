#include "lb/report/crash_trace.h"

/* Takes what stands behind `mark` up to the first of `end`, or to the end of the text. Empty: it is not there. */
static struct view after(struct view text, struct view mark, char end)
{
    const char *at = text.len > 0 ? memmem(text.ptr, text.len, mark.ptr, mark.len) : NULL;
    if (!at)
        return view_of("", 0);
    struct view rest = view_skip(text, (size_t)(at - text.ptr) + mark.len);
    return view_cut(&rest, end);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct view text, uint64_t *out)
{
    *out = 0;
    if (!view_starts_with(text, VIEW("0x")) || text.len < 3 || text.len > 18)
        return false;
    for (size_t i = 2; i < text.len; i++) {
        int digit = digit_of(text.ptr[i]);
        if (digit < 0)
            return false;
        *out = *out << 4 | (unsigned)digit;
    }
    return true;
}

static struct view read_build_id(struct view text)
{
    struct view id = after(text, VIEW("build id "), ';');
    if (id.len > CRASH_TRACE_ID_DIGITS)
        return view_of("", 0);
    for (size_t i = 0; i < id.len; i++)
        if (digit_of(id.ptr[i]) < 0)
            return view_of("", 0);
    return id;
}

/* "lb-proxy+0x1f2e", or "0x7ff…" of no file that is known. */
static bool read_frame(struct view word, const char *program, struct sentry_frame *out)
{
    struct view number = word, module = {0};
    const char *plus = word.len > 0 ? memrchr(word.ptr, '+', word.len) : NULL;
    *out = (struct sentry_frame){.function = word};
    if (plus) {
        module = view_of(word.ptr, (size_t)(plus - word.ptr));
        number = view_skip(word, module.len + 1);
    }
    if (!read_hex(number, &out->instruction_address))
        return false;
    out->package = module;
    out->is_in_app = view_eq(module, view_str(program));
    out->image_number = out->is_in_app ? 1 : 0;
    if (!out->is_in_app && module.len > 0)
        out->instruction_address = 0; /* it means nothing without its file */
    return true;
}

static void turn_round(struct crash_trace *trace)
{
    for (size_t i = 0; i < trace->frame_count / 2; i++) {
        struct sentry_frame *a = &trace->frames[i];
        struct sentry_frame *b = &trace->frames[trace->frame_count - 1 - i];
        struct sentry_frame kept = *a;
        *a = *b;
        *b = kept;
    }
}

/* The nearest one comes first; "?" stands where some are missing. */
static void read_frames(struct view words, const char *program, struct crash_trace *out)
{
    bool has_own = false;
    while (words.len > 0 && out->frame_count < CRASH_TRACE_FRAMES_MAX) {
        struct view word = view_cut(&words, ' ');
        struct sentry_frame frame;
        if (!read_frame(word, program, &frame))
            continue;
        if (out->place.len == 0 ||
            (frame.is_in_app && !has_own)) /* in a library, who called it says more */
            out->place = word;
        has_own = has_own || frame.is_in_app;
        out->frames[out->frame_count++] = frame;
    }
    turn_round(out);
}

bool crash_trace_read(struct view text, const char *program, struct crash_trace *out)
{
    const char *semicolon = text.len > 0 ? memmem(text.ptr, text.len, "; version ", 10) : NULL;
    *out = (struct crash_trace){.what = text, .version = after(text, VIEW("; version "), ',')};
    out->build_id = read_build_id(text);
    read_frames(after(text, VIEW("; code "), '\n'), program, out);
    if (out->frame_count > 0 && semicolon)
        out->what.len = (size_t)(semicolon - text.ptr);
    return out->frame_count > 0;
}
