#include "discovery/file/file_place.h"

#include <stdarg.h>
#include <stdio.h>

#include "lb/base/shown.h"

#define SHOWN_BYTES 40

static struct file_place step_into(const struct file_place *place, struct json_step step)
{
    struct file_place inner = *place;
    if (inner.depth < FILE_PLACE_DEPTH_MAX)
        inner.steps[inner.depth++] = step;
    return inner;
}

struct file_place file_place_in_key(const struct file_place *place, const char *key)
{
    return step_into(place, (struct json_step){.key = key});
}

struct file_place file_place_in_item(const struct file_place *place, size_t index)
{
    return step_into(place, (struct json_step){.index = index});
}

static void append_step(const struct json_step *step, bool is_first, struct text *out)
{
    struct view key = view_str(step->key);
    if (!key.ptr) {
        text_appendf(out, "[%zu]", step->index);
        return;
    }
    text_append_str(out, is_first ? "" : ".");
    shown_append(out, view_of(key.ptr, key.len < SHOWN_BYTES ? key.len : SHOWN_BYTES));
    text_append_str(out, key.len > SHOWN_BYTES ? "…" : "");
}

void file_place_append(const struct file_place *place, struct text *out)
{
    struct json_place at = json_place_find(place->findings->bytes, place->steps, place->depth);
    text_appendf(out, "line %u, column %u: ", at.line, at.column);
    for (unsigned i = 0; i < place->depth; i++)
        append_step(&place->steps[i], i == 0, out);
}

__attribute__((format(printf, 2, 0))) static void append_sentence(const struct file_place *place,
                                                                  const char *format,
                                                                  va_list arguments,
                                                                  struct text *out)
{
    char sentence[1024];
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    file_place_append(place, out);
    text_append_str(out, place->depth > 0 ? ": " : "");
    text_append_str(out, sentence);
}

bool file_place_refuse(const struct file_place *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append_sentence(place, format, arguments, place->findings->problem);
    va_end(arguments);
    return false;
}

void file_place_remark(const struct file_place *place, const char *format, ...)
{
    struct file_findings *findings = place->findings;
    va_list arguments;
    if (findings->remark_count++ >= FILE_PLACE_REMARKS_MAX)
        return; /* to look for a place takes a walk through the file */
    va_start(arguments, format);
    append_sentence(place, format, arguments, &findings->remarks);
    va_end(arguments);
    text_append_char(&findings->remarks, '\n');
}

void file_findings_close(struct file_findings *findings)
{
    if (findings->remark_count > FILE_PLACE_REMARKS_MAX)
        text_appendf(&findings->remarks, "and so on, %u times more\n",
                     findings->remark_count - FILE_PLACE_REMARKS_MAX);
}
