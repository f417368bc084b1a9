#include "lb/follow/spells.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

struct spell *spells_find(const struct spells *spells, enum spell_kind kind, const char *service,
                          enum service_kind service_kind)
{
    for (unsigned i = 0; i < spells->count; i++) {
        struct spell *spell = &spells->items[i];
        if (spell->kind == kind && spell->service_kind == service_kind &&
            strcmp(spell->service, service) == 0)
            return spell;
    }
    return NULL;
}

static struct spell *oldest_gone(const struct spells *spells)
{
    struct spell *oldest = NULL;
    for (unsigned i = 0; i < spells->count; i++) {
        struct spell *spell = &spells->items[i];
        if (spell->is_gone && (!oldest || spell->since_ms < oldest->since_ms))
            oldest = spell;
    }
    return oldest;
}

static bool make_room(struct spells *spells)
{
    struct spell *spell = spells->count == SPELLS_MAX ? oldest_gone(spells) : NULL;
    if (spell)
        spells_end(spells, spell);
    return spells->count < SPELLS_MAX;
}

struct spell *spells_begin(struct spells *spells, enum spell_kind kind, const char *service,
                           enum service_kind service_kind, uint64_t now_ms)
{
    if (!make_room(spells))
        return NULL;
    spells->items = memory_resize(spells->items, (spells->count + 1) * sizeof(*spells->items));
    struct spell *spell = &spells->items[spells->count++];
    *spell = (struct spell){.kind = kind,
                            .service_kind = service_kind,
                            .service = memory_copy(service, strlen(service)),
                            .since_ms = now_ms};
    return spell;
}

void spells_end(struct spells *spells, struct spell *spell)
{
    free(spell->service);
    *spell = spells->items[--spells->count];
}

void spells_fini(struct spells *spells)
{
    while (spells->count > 0)
        spells_end(spells, spells->items);
    free(spells->items);
    *spells = (struct spells){0};
}
