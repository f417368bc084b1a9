#include "discovery/obstacle.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/contract/limits.h"

void obstacle_fini(struct obstacle *obstacle)
{
    text_fini(&obstacle->why);
    text_fini(&obstacle->remedy);
    *obstacle = (struct obstacle){0};
}

/* Gives whether it is another text than before. */
static bool replace(struct text *text, const char *with)
{
    char *clean = clean_copy(view_str(with), LIMITS_OBSTACLE_BYTES_MAX);
    bool is_new = !view_eq(text_view(text), view_str(clean));
    text_clear(text);
    text_append_str(text, clean);
    free(clean);
    return is_new;
}

bool obstacle_set(struct obstacle *obstacle, const char *why, const char *remedy, uint64_t now_ns)
{
    bool is_new = replace(&obstacle->why, why);
    if (is_new)
        obstacle->since_ns = now_ns;
    return replace(&obstacle->remedy, remedy) || is_new;
}

bool obstacle_clear(struct obstacle *obstacle)
{
    bool was_set = obstacle_is_set(obstacle);
    obstacle_fini(obstacle);
    return was_set;
}
