#include "discovery/consul/instances.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/contract/limits.h"

static void free_instance(struct instance *instance)
{
    catalog_entry_fini(&instance->entry);
    tag_words_fini(&instance->words);
    offers_fini(&instance->offers);
    claimant_clear(&instance->claimant);
    free(instance->remark);
    free(instance);
}

void instances_init(struct instances *instances, const char *service)
{
    *instances = (struct instances){.service = memory_copy(service, strlen(service))};
}

void instances_fini(struct instances *instances)
{
    for (size_t i = 0; i < instances->count; i++)
        free_instance(instances->items[i]);
    free(instances->items);
    free(instances->service);
    *instances = (struct instances){0};
}

int instances_count(const json_t *answer, const char *service,
                    const struct catalog_entry_rules *rules)
{
    int count = 0;
    if (!json_is_array(answer))
        return -1;
    for (size_t i = 0; i < json_array_size(answer); i++) {
        struct catalog_entry entry;
        if (!catalog_entry_read(json_array_get(answer, i), service, rules, &entry))
            continue;
        count++;
        catalog_entry_fini(&entry);
    }
    return count;
}

/* Index of the first one whose id is not before `id`. */
static size_t find_place(const struct instances *instances, const char *id)
{
    size_t low = 0, high = instances->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(instances->items[middle]->entry.id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct instance *add(struct instances *instances, size_t place)
{
    instances->items = memory_make_room(instances->items, instances->count, &instances->capacity,
                                        sizeof(instances->items[0]));
    struct instance *instance = memory_new(sizeof(*instance));
    memmove(instances->items + place + 1, instances->items + place,
            (instances->count - place) * sizeof(instances->items[0]));
    instances->items[place] = instance;
    instances->count++;
    return instance;
}

void instances_read_again(struct instance *instance, const struct dialect_settings *settings)
{
    offers_fini(&instance->offers);
    tag_words_offer(&instance->words, settings, &instance->offers);
}

static bool str_eq(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* What a line tells of both is the same, but for their health. */
static bool is_same_place(const struct catalog_entry *a, const struct catalog_entry *b)
{
    return strcmp(a->address, b->address) == 0 && a->port == b->port &&
           a->words_hash == b->words_hash && a->passing_weight == b->passing_weight &&
           a->warning_weight == b->warning_weight && a->is_local == b->is_local &&
           a->is_on_host == b->is_on_host && str_eq(a->detail, b->detail) &&
           strcmp(a->twin, b->twin) == 0 && a->create_index == b->create_index &&
           a->modify_index == b->modify_index && str_eq(a->address_from, b->address_from) &&
           str_eq(a->port_from, b->port_from);
}

static bool is_same_health(const struct catalog_entry *a, const struct catalog_entry *b)
{
    return a->state == b->state && strcmp(a->cause, b->cause) == 0;
}

static void note(struct instance *instance, const char *cause,
                 const struct instances_intake *intake)
{
    instance->cause = cause;
    instance->cause_time_ns = intake->wall_ns;
    if (intake->on_event)
        intake->on_event(intake->owner, cause);
}

/* Takes `entry` for what was known. Gives whether anything is another. */
static bool update(struct instance *instance, struct catalog_entry *entry, const char *service,
                   const struct instances_intake *intake)
{
    struct catalog_entry *before = &instance->entry;
    bool is_same_words = before->words_hash == entry->words_hash;
    bool same_place = is_same_place(before, entry), same_health = is_same_health(before, entry);
    bool is_same = same_place && same_health && str_eq(before->health, entry->health);
    if (!same_health)
        note(instance, entry->cause, intake);
    else if (!same_place)
        note(instance, INSTANCES_CAUSE_CATALOG, intake);
    if (!before->detail != !entry->detail)
        instance->since_ns = intake->wall_ns;
    const json_t *tags = entry->tags;
    catalog_entry_fini(before);
    *before = *entry;
    before->tags = NULL;
    if (!is_same_words) {
        tag_words_fini(&instance->words);
        tag_words_read(tags, service, before->port, &instance->words);
        instances_read_again(instance, intake->settings);
    }
    return !is_same;
}

/* Of the first list nothing is news. */
static void enter(struct instances *instances, struct instance *instance,
                  struct catalog_entry *entry, const struct instances_intake *intake)
{
    tag_words_read(entry->tags, instances->service, entry->port, &instance->words);
    instance->entry = *entry;
    instance->entry.tags = NULL;
    instance->since_ns = intake->wall_ns;
    instances_read_again(instance, intake->settings);
    if (instances->was_read)
        note(instance, INSTANCES_CAUSE_CATALOG, intake);
    else
        instance->cause = INSTANCES_CAUSE_CATALOG;
}

/* Takes one in, each id once. Gives whether anything is another. */
static bool take_entry(struct instances *instances, struct catalog_entry *entry,
                       const struct instances_intake *intake)
{
    size_t place = find_place(instances, entry->id);
    bool is_known =
        place < instances->count && strcmp(instances->items[place]->entry.id, entry->id) == 0;
    if (is_known ? instances->items[place]->is_listed : instances->count == LIMITS_ENDPOINTS_MAX) {
        catalog_entry_fini(entry);
        return false;
    }
    bool has_changed = true;
    if (is_known)
        has_changed = update(instances->items[place], entry, instances->service, intake);
    else
        enter(instances, add(instances, place), entry, intake);
    instances->items[place]->is_listed = true;
    return has_changed;
}

static bool drop_unlisted(struct instances *instances, const struct instances_intake *intake)
{
    size_t kept = 0, before = instances->count;
    instances->heaviest = 0;
    for (size_t i = 0; i < before; i++) {
        struct instance *instance = instances->items[i];
        if (!instance->is_listed) {
            if (intake->on_event)
                intake->on_event(intake->owner, INSTANCES_CAUSE_GONE);
            free_instance(instance);
            continue;
        }
        unsigned passing = instance->entry.passing_weight, warning = instance->entry.warning_weight;
        instances->heaviest = passing > instances->heaviest ? passing : instances->heaviest;
        instances->heaviest = warning > instances->heaviest ? warning : instances->heaviest;
        instances->items[kept++] = instance;
    }
    instances->count = kept;
    return kept != before;
}

bool instances_take(struct instances *instances, const json_t *answer,
                    const struct instances_intake *intake, const char **problem)
{
    bool has_changed = !instances->was_read;
    size_t nameless_count = 0;
    *problem = json_is_array(answer) ? NULL : "is no list of entries";
    if (*problem)
        return false;
    for (size_t i = 0; i < instances->count; i++)
        instances->items[i]->is_listed = false;
    for (size_t i = 0; i < json_array_size(answer); i++) {
        struct catalog_entry entry;
        if (catalog_entry_read(json_array_get(answer, i), instances->service, intake->rules,
                               &entry))
            has_changed |= take_entry(instances, &entry, intake);
        else
            nameless_count++;
    }
    has_changed |= nameless_count != instances->nameless_count;
    instances->nameless_count = nameless_count;
    has_changed |= drop_unlisted(instances, intake);
    instances->was_read = true;
    return has_changed;
}
