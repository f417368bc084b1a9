#include "discovery/swarm/swarm_id.h"

#include <string.h>

bool swarm_id_parse(struct view text, struct swarm_id *out)
{
    *out = (struct swarm_id){""};
    if (text.len == 0 || text.len >= sizeof(out->text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return false;
    }
    memcpy(out->text, text.ptr, text.len);
    return true;
}

int swarm_id_compare(const struct swarm_id *a, const struct swarm_id *b)
{
    return strcmp(a->text, b->text);
}
