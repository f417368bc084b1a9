#include "acme/keeper_order.h"

#include <errno.h>
#include <stdio.h>

#include "acme/ari.h"
#include "acme/order.h"
#include "acme/schedule.h"
#include "lb/base/clock.h"
#include "lb/base/log.h"

#define SPREAD_MS        3000u /* the others look each second */
#define LIMITED_S        3600u /* where the server says: not now, but not when */
#define LIMITED_PAUSE_S  60    /* for other names */
#define SERVER_PAUSE_MAX 3600
#define DAY_S            86400

static bool save(struct keeper *keeper, struct trouble *trouble)
{
    struct text text = TEXT_INIT;
    state_write(&keeper->state, &keeper->wishes, &text);
    bool is_good =
        text.len > 0 && disk_write(keeper->options->folder, "state.json", text_view(&text));
    if (!is_good)
        trouble_say(trouble, TROUBLE_HERE,
                    "%.400s/state.json cannot be written: %s; nothing is ordered until it can, "
                    "look at --acme-dir",
                    keeper->options->folder, strerror(errno));
    text_fini(&text);
    return is_good;
}

/* ---- what becomes of a try ----------------------------------------------------------------------------------- */

static void pause_all(struct keeper *keeper, int64_t seconds)
{
    int64_t until_s = keeper_base_now_s(keeper) + seconds;
    if (until_s > keeper->state.pause_until_s)
        keeper->state.pause_until_s = until_s;
}

static void pause_for_server(struct keeper *keeper, const struct trouble *trouble)
{
    int64_t wait_s = schedule_retry_after_s(++keeper->server_failure_count, trouble->retry_after_s,
                                            rng_next(&keeper->rng));
    if (wait_s > SERVER_PAUSE_MAX && !trouble->retry_after_s)
        wait_s = SERVER_PAUSE_MAX;
    pause_all(keeper, wait_s);
    keeper->is_known = false; /* its directory may be another one by then */
}

static void note_failure(struct keeper *keeper, struct state_entry *entry,
                         const struct trouble *trouble)
{
    unsigned wanted_s = trouble->retry_after_s;
    if (trouble->kind == TROUBLE_LIMITED && wanted_s == 0)
        wanted_s = LIMITED_S;
    int64_t wait_s = schedule_retry_after_s(entry->failure_count, wanted_s, rng_next(&keeper->rng));
    entry->next_s = keeper_base_now_s(keeper) + wait_s;
    snprintf(entry->problem, sizeof(entry->problem), "%s", trouble->sentence);
    if (trouble->kind == TROUBLE_LIMITED)
        pause_all(keeper, LIMITED_PAUSE_S);
    else if (trouble->kind == TROUBLE_AWAY)
        pause_for_server(keeper, trouble);
    else
        keeper->server_failure_count = 0;
    log_warn("no certificate: %s (tried %u time%s; next in %lld s)", trouble->sentence,
             entry->failure_count, entry->failure_count == 1 ? "" : "s", (long long)wait_s);
}

/* Told to end is no failure; but who is started again and again does not order each time. */
static void note_stop(struct keeper *keeper, struct state_entry *entry, unsigned failure_count)
{
    entry->failure_count = failure_count;
    entry->next_s = keeper_base_now_s(keeper) + SCHEDULE_RETRY_FIRST_S;
}

static void note_success(struct keeper *keeper, struct state_entry *entry, const char *folder)
{
    char text[CLOCK_TEXT_BYTES];
    struct text shown = TEXT_INIT;
    const struct store_entry *made =
        store_find(&keeper->store, &entry->names, keeper->options->directory);
    entry->failure_count = 0;
    entry->next_s = entry->proposed_s = entry->ask_s = 0;
    entry->problem[0] = '\0';
    keeper->server_failure_count = 0;
    names_append_short(&entry->names, &shown);
    if (made) {
        clock_format((uint64_t)made->certificate.not_after_s * UINT64_C(1000000000), text);
        log_info("%s has a certificate until %.10s, live/%s", text_str(&shown), text, folder);
    } else {
        /* The same order again would give the same. */
        entry->failure_count = 1;
        entry->next_s = keeper_base_now_s(keeper) + DAY_S;
        snprintf(entry->problem, sizeof(entry->problem),
                 "%s: its certificate came, but cannot be found in live/; look at --acme-dir",
                 entry->names.list[0]);
        log_warn("%s", entry->problem);
    }
    text_fini(&shown);
}

/* ---- one order ------------------------------------------------------------------------------------------------- */

static bool keep_turn(void *owner)
{
    struct keeper *keeper = owner;
    struct trouble ignored = {0};
    return turn_take(&keeper->turn, keeper_base_now_s(keeper), &ignored);
}

static bool check_first(struct keeper *keeper, const struct names *names, struct trouble *trouble)
{
    struct check_desk desk = {.exchange = keeper->exchange,
                              .challenges = &keeper->challenges,
                              .port = keeper->options->check_port,
                              .spread_ms = keeper->challenges.sharing ? SPREAD_MS : 0};
    return !keeper->options->checks || check_names(&desk, names, trouble);
}

static bool keep_result(struct keeper *keeper, const struct names *names,
                        const struct order_result *result, char folder[256],
                        struct trouble *trouble)
{
    struct trouble ignored = {0};
    struct store_pair pair = {.chain = text_view(&result->chain),
                              .key = text_view(&result->key),
                              .directory = keeper->options->directory};
    store_choose_folder(&keeper->store, names, folder);
    if (!store_put(&keeper->store, folder, names, &pair, trouble))
        return false;
    if (keeper->challenges.sharing &&
        !copies_push(&keeper->sharing, folder, names, &pair, &ignored))
        log_warn("%s", ignored.sentence);
    return true;
}

static bool order_once(struct keeper *keeper, const struct names *names, const char *replaced,
                       struct order_result *result, struct trouble *trouble)
{
    struct authorization_desk desk = {.client = &keeper->client,
                                      .challenges = &keeper->challenges,
                                      .kind = keeper->options->challenge,
                                      .spread_ms = keeper->challenges.sharing ? SPREAD_MS : 0,
                                      .owner = keeper,
                                      .keep = keep_turn};
    return keeper_base_meet_server(keeper, trouble) &&
           order_run(&desk, names, keeper->options->key_kind, replaced, result, trouble);
}

/* A server that has lost its memory gets the account anew, by the same key. */
static bool has_forgotten_us(struct keeper *keeper, struct trouble *trouble)
{
    if (strcmp(trouble->word, "accountDoesNotExist") != 0)
        return false;
    account_forget(&keeper->account);
    keeper->is_known = false;
    *trouble = (struct trouble){0};
    return true;
}

static bool order(struct keeper *keeper, const struct names *names, char folder[256],
                  struct trouble *trouble)
{
    const struct store_entry *old = store_find(&keeper->store, names, keeper->options->directory);
    char replaced[CERTIFICATE_ID_BYTES] = "";
    struct order_result result = {0};
    if (old && old->directory[0] && names_are_same(&old->certificate.names, names))
        snprintf(replaced, sizeof(replaced), "%s", old->certificate.id);
    if (!check_first(keeper, names, trouble))
        return false;
    bool is_good = order_once(keeper, names, replaced, &result, trouble);
    if (!is_good && has_forgotten_us(keeper, trouble)) {
        order_result_fini(&result);
        is_good = order_once(keeper, names, replaced, &result, trouble);
    }
    is_good = is_good && keep_result(keeper, names, &result, folder, trouble);
    order_result_fini(&result);
    return is_good;
}

static void try_one(struct keeper *keeper, const struct names *names, struct state_entry *entry)
{
    struct trouble trouble = {0};
    unsigned before = entry->failure_count;
    char folder[256] = "";
    entry->failure_count++;
    entry->next_s = keeper_base_now_s(keeper) + schedule_retry_after_s(entry->failure_count, 0, 0);
    snprintf(entry->problem, sizeof(entry->problem), "%s: the last order was cut off",
             names->list[0]);
    if (!save(keeper, &trouble)) {
        note_failure(keeper, entry, &trouble);
        return;
    }
    keeper->ordering = names;
    keeper_base_tell(keeper);
    log_debug("%s: ordered", names->list[0]);
    bool is_good = order(keeper, names, folder, &trouble);
    keeper->ordering = NULL;
    if (is_good)
        note_success(keeper, entry, folder);
    else if (trouble.kind == TROUBLE_STOPPED)
        note_stop(keeper, entry, before);
    else
        note_failure(keeper, entry, &trouble);
    if (!save(keeper, &trouble))
        log_warn("%s", trouble.sentence);
}

/* ---- when to renew ------------------------------------------------------------------------------------------------ */

/* Asks about the first that is due to be asked about. Gives whether it did. */
static bool ask_when(struct keeper *keeper, const struct names *names,
                     const struct store_entry *stored, struct state_entry *entry)
{
    struct trouble trouble = {0};
    struct ari_window window;
    int64_t now_s = keeper_base_now_s(keeper);
    bool is_other = strcmp(entry->id, stored->certificate.id) != 0;
    if (!stored->certificate.id[0] || !stored->directory[0] || (!is_other && entry->ask_s > now_s))
        return false;
    if (!keeper_base_meet_server(keeper, &trouble)) {
        if (trouble.kind != TROUBLE_STOPPED)
            pause_for_server(keeper, &trouble);
        return true;
    }
    if (is_other)
        entry->proposed_s = 0;
    snprintf(entry->id, sizeof(entry->id), "%s", stored->certificate.id);
    entry->ask_s = now_s + ARI_ASK_USUAL_S;
    if (!keeper->client.directory.renewal_info[0])
        return true;
    if (ari_ask(&keeper->client, entry->id, &window, &trouble)) {
        entry->proposed_s =
            window.start_s +
            (int64_t)(names_salt(names) % (uint64_t)(window.end_s - window.start_s + 1));
        entry->ask_s = now_s + window.ask_after_s;
    } else if (trouble.kind != TROUBLE_STOPPED) {
        log_debug("%s: %s", names->list[0], trouble.sentence);
    }
    save(keeper, &trouble);
    return true;
}

void keeper_order_next(struct keeper *keeper)
{
    for (size_t i = 0; i < keeper->wishes.count; i++) {
        const struct names *names = &keeper->wishes.list[i];
        struct state_entry *entry = state_of(&keeper->state, names);
        const struct store_entry *stored =
            store_find(&keeper->store, names, keeper->options->directory);
        int64_t now_s = keeper_base_now_s(keeper);
        struct decision decision =
            decision_make(names, stored, entry, keeper->state.pause_until_s, now_s);
        if (decision.word == DECISION_ORDER) {
            try_one(keeper, names, entry);
            return;
        }
        if (stored && decision.word == DECISION_VALID && keeper->state.pause_until_s <= now_s &&
            ask_when(keeper, names, stored, entry))
            return;
    }
}
