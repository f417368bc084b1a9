#include "discovery/registrar/registrar_wanted.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/registrar/entry_rules.h"
#include "discovery/registrar/prober.h"
#include "lb/base/memory.h"

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = memory_copy(value, strlen(value));
}

/* Whose the entries are: the engine's, which stays when lb is made anew; the host's where the engine does not say who it
 * is. What was registered as the one is still its own as the other. */
static void take_identity(struct registrar *registrar, const struct registrations *wanted)
{
    struct text owner = TEXT_INIT;
    bool has_engine = wanted->engine && wanted->engine[0];
    set_text(&registrar->host, wanted->host ? wanted->host : "");
    text_appendf(&owner, "%s%s",
                 has_engine ? "" : "host:", has_engine ? wanted->engine : registrar->host);
    if (!registrar->owner || strcmp(text_str(&owner), registrar->owner) != 0) {
        free(registrar->former_owner);
        registrar->former_owner = registrar->owner;
        registrar->owner = NULL;
        set_text(&registrar->owner, text_str(&owner));
    }
    registrar->terms =
        (struct entry_terms){.owner = registrar->owner,
                             .ttl_s = registrar->options->ttl_s,
                             .deregister_after = registrar->options->deregister_after};
    text_fini(&owner);
}

static void remark(struct registrar *registrar, const char *container_name, const char *sentence)
{
    struct text what = TEXT_INIT;
    text_appendf(&what, "%s%s%s", container_name ? container_name : "", container_name ? ": " : "",
                 sentence);
    if (told_once_is_new(&registrar->told, text_str(&what)))
        report_say(&registrar->report, REPORT_REMARK, "%s", text_str(&what));
    text_fini(&what);
}

static void take_remark(struct registrar *registrar, const struct registration_remark *item)
{
    if (item->is_news)
        report_say(&registrar->report, REPORT_NEWS, "%s: %s", item->container_name, item->sentence);
    else
        remark(registrar, item->container_name, item->sentence);
}

static void remark_twice(struct registrar *registrar, const struct registration *item,
                         const struct registration *first)
{
    struct text what = TEXT_INIT;
    text_appendf(
        &what,
        "it is not registered as %s, which is the id of %s; give one of them another SERVICE_ID",
        item->id, first->container_name ? first->container_name : "lb itself");
    remark(registrar, item->container_name, text_str(&what));
    text_fini(&what);
}

/* Those that can be registered, each id once. Gives how many; `items` has room for all. */
static size_t pick(struct registrar *registrar, const struct registrations *wanted,
                   const struct registration **items, const char **ids)
{
    size_t count = 0;
    for (size_t i = 0; i < wanted->count; i++) {
        const struct registration *item = &wanted->items[i];
        const char *why = entry_rules_refuse(item);
        if (why) {
            struct text what = TEXT_INIT;
            text_appendf(&what, "it is not registered, as %s", why);
            remark(registrar, item->container_name, text_str(&what));
            text_fini(&what);
        } else if (count > 0 && strcmp(ids[count - 1], item->id) == 0) {
            remark_twice(registrar, item, items[count - 1]);
        } else {
            ids[count] = item->id;
            items[count++] = item;
        }
    }
    return count;
}

static void take_result(void *owner, enum registration_health health, const char *sentence)
{
    entry_take_result(owner, health, sentence);
}

static void want(struct registrar *registrar, struct entry *entry, const struct registration *item)
{
    struct text remarks = TEXT_INIT;
    uint64_t said = item ? entry_said(item, &registrar->terms) : 0;
    bool is_new = !item || !entry->wanted || entry->wanted->said != said;
    entry->keeper = registrar;
    if (is_new) {
        prober_close(entry->prober);
        entry->prober = NULL;
    }
    entry_want(entry, item, said, &registrar->terms, registrar->host, &remarks);
    if (is_new && item && item->check == REGISTRATION_CHECK_PROBE)
        entry->prober = prober_open(registrar->loop, &item->probe, entry, take_result);
    if (remarks.len > 0)
        remark(registrar, item->container_name ? item->container_name : item->id,
               text_str(&remarks));
    text_fini(&remarks);
}

void registrar_wanted_take(struct registrar *registrar, const struct registrations *wanted)
{
    const struct registration **items = memory_new((wanted->count + 1) * sizeof(items[0]));
    const char **ids = memory_new((wanted->count + 1) * sizeof(ids[0]));
    struct entry **entries = memory_new((wanted->count + 1) * sizeof(struct entry *));
    take_identity(registrar, wanted);
    size_t count = pick(registrar, wanted, items, ids), next = 0;
    entry_table_admit(&registrar->table, ids, count, entries);
    for (size_t i = 0; i < registrar->table.count; i++) {
        bool is_wanted = next < count && registrar->table.items[i] == entries[next];
        want(registrar, registrar->table.items[i], is_wanted ? items[next] : NULL);
        next += is_wanted;
    }
    for (size_t i = 0; i < wanted->remark_count; i++)
        take_remark(registrar, &wanted->remarks[i]);
    registrar->has_wanted = registrar->has_ended = true;
    free(items);
    free(ids);
    free(entries);
}
