#include "lb/follow/obstacle.h"

#include "lb/base/clock.h"

static void replace(struct text *text, const char *with)
{
    text_clear(text);
    for (const char *c = with; *c; c++)
        text_append_char(text, (unsigned char)*c < 0x20 || *c == 0x7F ? '?' : *c);
}

void obstacle_set(struct obstacle *obstacle, const char *why, const char *remedy, uint64_t since_ns)
{
    replace(&obstacle->why, why);
    replace(&obstacle->remedy, remedy);
    obstacle->since_ns = since_ns;
}

void obstacle_clear(struct obstacle *obstacle)
{
    text_fini(&obstacle->why);
    text_fini(&obstacle->remedy);
    *obstacle = (struct obstacle){0};
}

void obstacle_append(const struct obstacle *obstacle, struct text *out)
{
    text_appendf(out, "%s%s%s", text_str(&obstacle->why), obstacle->remedy.len > 0 ? ". " : ".",
                 text_str(&obstacle->remedy));
}

void obstacle_write(const struct obstacle *obstacle, struct json_writer *json)
{
    char since[CLOCK_TEXT_BYTES];
    if (!obstacle_is_set(obstacle))
        return;
    json_writer_field_str(json, "problem", text_str(&obstacle->why));
    json_writer_field_str(json, "remedy", text_str(&obstacle->remedy));
    if (obstacle->since_ns)
        json_writer_field_str(json, "problem_since", clock_format(obstacle->since_ns, since));
}
