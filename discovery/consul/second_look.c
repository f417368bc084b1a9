#include "discovery/consul/second_look.h"

/* Where the agent does not tell rights. */
static bool may_be_believed(const struct second_look *look)
{
    if (look->has_policy)
        return !look->denies_by_default;
    return look->names_others && look->index_rose;
}

enum second_look_verdict second_look_judge(const struct second_look *look)
{
    if (look->is_whole && !look->is_empty)
        return SECOND_LOOK_BACK;
    if (look->right == SECOND_LOOK_RIGHT_DENIED || look->is_filtered)
        return SECOND_LOOK_DENIED;
    if (!look->is_whole)
        return SECOND_LOOK_UNSURE;
    if (!look->had_servers)
        return SECOND_LOOK_GONE;
    if (look->node_count == 0 || look->is_named)
        return SECOND_LOOK_UNSURE;
    if (look->was_reset && look->since_reset_ms < SECOND_LOOK_YOUNG_MS)
        return SECOND_LOOK_YOUNG;
    if (look->right == SECOND_LOOK_RIGHT_GIVEN)
        return SECOND_LOOK_GONE;
    return may_be_believed(look) ? SECOND_LOOK_GONE : SECOND_LOOK_UNSURE;
}
