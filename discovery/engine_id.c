#include "discovery/engine_id.h"

static bool is_hex(struct view text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

bool engine_id_parse_container(struct view text, struct engine_id *out)
{
    bool is_good = engine_id_is_prefix(text, ENGINE_ID_LEN);
    *out = (struct engine_id){""};
    if (is_good)
        memcpy(out->text, text.ptr, text.len);
    return is_good;
}

bool engine_id_is_prefix(struct view text, size_t min)
{
    return text.len >= min && text.len <= ENGINE_ID_LEN && is_hex(text);
}

bool engine_id_eq(const struct engine_id *a, const struct engine_id *b)
{
    return strcmp(a->text, b->text) == 0;
}

bool engine_id_is_set(const struct engine_id *id)
{
    return id->text[0] != '\0';
}
