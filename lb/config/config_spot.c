#include "lb/config/config_spot.h"

#include "lb/base/shown.h"

#define SHOWN_MAX_BYTES 80

static struct config_spot step_into(const struct config_spot *spot, struct json_step step)
{
    struct config_spot inner = *spot;
    if (inner.depth < CONFIG_SPOT_DEPTH_MAX)
        inner.steps[inner.depth++] = step;
    return inner;
}

struct config_spot config_spot_in_key(const struct config_spot *spot, const char *key)
{
    return step_into(spot, (struct json_step){.key = key});
}

struct config_spot config_spot_in_item(const struct config_spot *spot, size_t index)
{
    return step_into(spot, (struct json_step){.index = index});
}

static void append_line(const struct config_spot *spot, struct text *out)
{
    struct json_place at = json_place_find(spot->bytes, spot->steps, spot->depth);
    text_appendf(out, "%s: line %u, column %u: ", spot->file, at.line, at.column);
}

/* The first `count` steps; keys are foreign where they are names. */
static void append_steps(const struct config_spot *spot, unsigned count, struct text *out)
{
    for (unsigned i = 0; i < count; i++) {
        struct view key = view_str(spot->steps[i].key);
        if (!key.ptr) {
            text_appendf(out, "[%zu]", spot->steps[i].index);
            continue;
        }
        text_append_str(out, i > 0 ? "." : "");
        shown_append(out, view_of(key.ptr, key.len < SHOWN_MAX_BYTES ? key.len : SHOWN_MAX_BYTES));
        text_append_str(out, key.len > SHOWN_MAX_BYTES ? "…" : "");
    }
}

void config_spot_append(const struct config_spot *spot, struct text *out)
{
    append_line(spot, out);
    append_steps(spot, spot->depth, out);
}

void config_spot_append_around(const struct config_spot *spot, struct text *out)
{
    append_line(spot, out);
    append_steps(spot, spot->depth - 1, out);
    text_append_str(out, spot->depth > 1 ? ": " : "");
}
