#include "lb/contract/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>

#include "lb/base/clock.h"

/* Of stack that a match may take on the heap, in KiB. */
#define HEAP_KIB_MAX 256u

/* Places of a subject that a match may begin at before the time is looked at: each has its own steps,
 * and a step may go through all of the subject. */
#define PLACES_MAX 256u

/* Parentheses within parentheses. */
#define NESTING_MAX 32u

/* `struct pattern` is what PCRE2 compiled, by another name. */
static pcre2_code *code_of(const struct pattern *pattern)
{
    return (pcre2_code *)(uintptr_t)pattern;
}

struct pattern_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    /* since the lookup began */
    unsigned exhausted_count;
    size_t place_count; /* since the time was looked at */
    uint64_t until_ns;  /* of the thread's own time; 0: it was not yet looked at */
};

static void append_error(int error, size_t at, struct text *problem)
{
    PCRE2_UCHAR words[128];
    pcre2_get_error_message(error, words, sizeof(words));
    text_appendf(problem, "is no regex: %s at byte %zu", (const char *)words, at);
}

static pcre2_code *compile(struct view regex, uint32_t captures, struct text *problem)
{
    /* \C would split characters, $ means the very end. */
    const uint32_t options = captures | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY |
                             PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_USE_OFFSET_LIMIT;
    int error;
    size_t at;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context)
        abort();
    pcre2_set_parens_nest_limit(context, NESTING_MAX);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)regex.ptr, regex.len, options, &error, &at, context);
    pcre2_compile_context_free(context);
    if (!code)
        append_error(error, at, problem);
    return code;
}

static struct pattern *make(struct view regex, uint32_t captures, struct text *problem)
{
    size_t bytes = 0;
    pcre2_code *code = compile(regex, captures, problem);
    if (!code)
        return NULL;
    pcre2_pattern_info(code, PCRE2_INFO_SIZE, &bytes);
    if (bytes <= PATTERN_COMPILED_BYTES_MAX)
        return (struct pattern *)code;
    text_appendf(problem,
                 "is a regex that takes %zu bytes of memory, and %u are allowed; repeat less",
                 bytes, PATTERN_COMPILED_BYTES_MAX);
    pcre2_code_free(code);
    return NULL;
}

struct pattern *pattern_new(struct view regex, struct text *problem)
{
    return make(regex, PCRE2_NO_AUTO_CAPTURE, problem);
}

struct pattern *pattern_new_capturing(struct view regex, struct text *problem)
{
    return make(regex, 0, problem);
}

unsigned pattern_capture_count(const struct pattern *pattern)
{
    uint32_t count = 0;
    pcre2_pattern_info(code_of(pattern), PCRE2_INFO_CAPTURECOUNT, &count);
    return count;
}

void pattern_free(struct pattern *pattern)
{
    pcre2_code_free(code_of(pattern));
}

struct pattern_scratch *pattern_scratch_new(void)
{
    struct pattern_scratch *scratch = malloc(sizeof(*scratch));
    if (!scratch)
        abort();
    pattern_scratch_begin(scratch);
    scratch->data = pcre2_match_data_create(PATTERN_PARTS_MAX, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    if (!scratch->data || !scratch->context)
        abort();
    pcre2_set_match_limit(scratch->context, PATTERN_STEPS_MAX);
    pcre2_set_heap_limit(scratch->context, HEAP_KIB_MAX);
    return scratch;
}

void pattern_scratch_free(struct pattern_scratch *scratch)
{
    if (!scratch)
        return;
    pcre2_match_data_free(scratch->data);
    pcre2_match_context_free(scratch->context);
    free(scratch);
}

void pattern_scratch_begin(struct pattern_scratch *scratch)
{
    scratch->exhausted_count = 0;
    scratch->place_count = 0;
    scratch->until_ns = 0;
}

bool pattern_scratch_is_exhausted(const struct pattern_scratch *scratch)
{
    return scratch->exhausted_count > 0;
}

enum truth pattern_scratch_give_up(struct pattern_scratch *scratch)
{
    scratch->exhausted_count++;
    return TRUTH_UNKNOWN;
}

/* So many more places are begun at. */
static bool is_out_of_time(struct pattern_scratch *scratch, size_t count)
{
    scratch->place_count += count;
    if (scratch->place_count < PLACES_MAX)
        return false;
    uint64_t now_ns = clock_thread_ns();
    scratch->place_count = 0;
    if (scratch->until_ns == 0)
        scratch->until_ns = now_ns + PATTERN_NS_MAX;
    return now_ns > scratch->until_ns;
}

/* Whether it can be found nowhere but where the search begins. */
static bool is_anchored(const struct pattern *pattern)
{
    uint32_t options = 0;
    pcre2_pattern_info(code_of(pattern), PCRE2_INFO_ALLOPTIONS, &options);
    return options & PCRE2_ANCHORED;
}

/* Whether it is found at one of the places up to `end`; what PCRE2 says. */
static int match_between(const struct pattern *pattern, struct view subject, size_t begin,
                         size_t end, struct pattern_scratch *scratch)
{
    pcre2_set_offset_limit(scratch->context, end);
    return pcre2_match(code_of(pattern), (PCRE2_SPTR)subject.ptr, subject.len, begin, 0,
                       scratch->data, scratch->context);
}

enum truth pattern_matches(const struct pattern *pattern, struct view subject,
                           struct pattern_scratch *scratch)
{
    if (scratch->exhausted_count >= PATTERN_EXHAUSTED_MAX)
        return TRUTH_UNKNOWN;
    size_t last = is_anchored(pattern) ? 0 : subject.len;
    int result = PCRE2_ERROR_NOMATCH;
    for (size_t at = 0; at <= last && result == PCRE2_ERROR_NOMATCH; at += PLACES_MAX) {
        size_t count = last - at < PLACES_MAX ? last - at + 1 : PLACES_MAX;
        if (is_out_of_time(scratch, count)) {
            scratch->exhausted_count = PATTERN_EXHAUSTED_MAX;
            return TRUTH_UNKNOWN;
        }
        result = match_between(pattern, subject, at, at + count - 1, scratch);
    }
    if (result == PCRE2_ERROR_NOMATCH)
        return TRUTH_NO;
    return result >= 0 ? TRUTH_YES : pattern_scratch_give_up(scratch);
}

static struct view part_of(const struct pattern_scratch *scratch, unsigned number,
                           struct view subject)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(scratch->data) + 2 * (size_t)number;
    return ends[0] == PCRE2_UNSET ? view_of(NULL, 0)
                                  : view_of(subject.ptr + ends[0], ends[1] - ends[0]);
}

enum truth pattern_find(const struct pattern *pattern, struct view subject,
                        struct pattern_scratch *scratch, struct view parts[PATTERN_PARTS_MAX])
{
    enum truth found = pattern_matches(pattern, subject, scratch);
    unsigned count = pattern_capture_count(pattern) + 1;
    if (found != TRUTH_YES)
        return found;
    for (unsigned i = 0; i < PATTERN_PARTS_MAX; i++)
        parts[i] = i < count ? part_of(scratch, i, subject) : view_of(NULL, 0);
    /* by \K what was found can begin behind its end */
    return parts[0].len <= subject.len ? TRUTH_YES : pattern_scratch_give_up(scratch);
}
