#include "discovery/docker/network_id.h"

#include "discovery/clean.h"

bool network_id_parse(struct view text, struct network_id *out)
{
    *out = (struct network_id){""};
    if (text.len == 0 || !clean_is_clean(text, NETWORK_ID_BYTES - 1))
        return false;
    memcpy(out->text, text.ptr, text.len);
    return true;
}

bool network_id_eq(const struct network_id *a, const struct network_id *b)
{
    return strcmp(a->text, b->text) == 0;
}

bool network_id_is_set(const struct network_id *id)
{
    return id->text[0] != '\0';
}
