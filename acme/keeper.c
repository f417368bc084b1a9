#include "acme/keeper.h"

#include <stdio.h>
#include <stdlib.h>

#include "acme/keeper_order.h"
#include "acme/rollover.h"
#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"

#define TURN_MS       1000u
#define SCAN_S        10
#define CALM_S        2 /* wishes come one after the other while lb starts */
#define DIRECTORY_S   (24 * 3600)
#define STATE_BYTES   (16u << 20)
#define FAREWELL_MS   1000u
#define SECOND_NS     UINT64_C(1000000000)

int64_t keeper_now_s(const struct keeper *keeper)
{
    return (int64_t)(clock_wall_ns() / SECOND_NS) + keeper->options->clock_ahead_s;
}

/* ---- what is wished --------------------------------------------------------------------------------------- */

static void tell_lines(const struct text *lines)
{
    struct view rest = text_view(lines);
    while (rest.len > 0) {
        struct view line = view_cut(&rest, '\n');
        if (line.len > 0)
            log_warn("wish: %.*s", (int)line.len, line.ptr);
    }
}

static void take_wishes(struct keeper *keeper)
{
    struct text text = TEXT_INIT, problem = TEXT_INIT;
    if (keeper->wishes_kept.fd < 0 || !keepsake_read(&keeper->wishes_kept, &text) ||
        view_eq(text_view(&text), text_view(&keeper->wishes_text))) {
        text_fini(&text);
        return;
    }
    text_fini(&keeper->wishes_text);
    keeper->wishes_text = text;
    if (!wishes_read(&keeper->wishes, text_view(&text), &problem))
        log_warn("the wishes of lb-proxy cannot be read; lb and lb-acme have to be of one version");
    tell_lines(&problem);
    text_fini(&problem);
    keeper->wishes_changed_s = keeper_now_s(keeper);
    state_sweep(&keeper->state, &keeper->wishes);
    log_debug("%zu certificates are wished", keeper->wishes.count);
}

/* ---- what stands ------------------------------------------------------------------------------------------- */

static void tell_standing(struct keeper *keeper)
{
    int64_t now_s = keeper_now_s(keeper);
    size_t count = keeper->wishes.count;
    struct bulletin_row *rows = memory_new((count ? count : 1) * sizeof(*rows));
    for (size_t i = 0; i < count; i++) {
        const struct names *names = &keeper->wishes.list[i];
        rows[i].names = names;
        rows[i].entry = store_find(&keeper->store, names, keeper->options->directory);
        rows[i].state = state_of(&keeper->state, names);
        rows[i].decision = decision_make(names, rows[i].entry, rows[i].state,
                                         keeper->state.pause_until_s, now_s);
        rows[i].is_ordering = names == keeper->ordering;
        rows[i].waits_for = keeper->waits_for[0] ? keeper->waits_for : NULL;
    }
    bulletin_write(&keeper->bulletin, rows, count, now_s);
    free(rows);
}

/* ---- the server -------------------------------------------------------------------------------------------- */

bool keeper_meet_server(struct keeper *keeper, struct trouble *trouble)
{
    int64_t now_s = keeper_now_s(keeper);
    if (keeper->is_known && now_s < keeper->known_s + DIRECTORY_S)
        return true;
    account_close(&keeper->account);
    keeper->is_known = false;
    keeper->client = (struct client){.exchange = keeper->exchange};
    struct account_options options = {.folder = keeper->accounts,
                                      .directory_url = keeper->options->directory,
                                      .email = keeper->options->email,
                                      .binding_kid = keeper->options->binding_kid,
                                      .binding_secret = text_view(&keeper->options->binding_secret)};
    if (!directory_get(keeper->exchange, keeper->options->directory, &keeper->client.directory,
                       trouble))
        return false;
    keeper->is_known = account_open(&keeper->account, &options, &keeper->client, trouble);
    keeper->known_s = now_s;
    if (keeper->is_known && keeper->account.is_new)
        log_info("%s has a new account for us%s%s", keeper->client.directory.host,
                 keeper->client.directory.terms[0] ? "; its terms: " : "",
                 keeper->client.directory.terms);
    return keeper->is_known;
}

/* ---- one turn ------------------------------------------------------------------------------------------------ */

static void share(struct keeper *keeper, bool is_ours)
{
    struct trouble trouble = {0};
    if (!keeper->challenges.sharing)
        return;
    if (!copies_pull(&keeper->sharing, &keeper->challenges, &keeper->store, is_ours, &trouble) &&
        trouble.kind != TROUBLE_STOPPED)
        log_warn("%s", trouble.sentence);
}

static void look_at_disk(struct keeper *keeper, int64_t now_s)
{
    if (now_s < keeper->scanned_s + SCAN_S && now_s >= keeper->scanned_s)
        return;
    store_scan(&keeper->store);
    keeper->scanned_s = now_s;
}

static void take_turn(struct keeper *keeper, int64_t now_s)
{
    struct trouble trouble = {0};
    bool was_ours = keeper->turn.is_ours;
    bool is_ours = turn_take(&keeper->turn, now_s, &trouble);
    snprintf(keeper->waits_for, sizeof(keeper->waits_for), "%s", is_ours ? "" : trouble.sentence);
    if (is_ours && !was_ours) {
        log_debug("this one orders");
        challenge_sweep(&keeper->challenges);
        keeper_load_state(keeper);
        store_scan(&keeper->store);
    } else if (!is_ours && was_ours && trouble.kind != TROUBLE_STOPPED) {
        log_warn("nothing is ordered here any more: %s", trouble.sentence);
    }
}

static void turn(struct keeper *keeper)
{
    int64_t now_s = keeper_now_s(keeper);
    take_wishes(keeper);
    look_at_disk(keeper, now_s);
    share(keeper, keeper->turn.is_ours);
    take_turn(keeper, now_s);
    if (keeper->turn.is_ours) {
        rollover_serve(keeper);
        if (now_s >= keeper->wishes_changed_s + CALM_S || now_s < keeper->wishes_changed_s)
            keeper_order_next(keeper);
    }
    tell_standing(keeper);
}

void keeper_tell(struct keeper *keeper)
{
    tell_standing(keeper);
}

void keeper_run(struct keeper *keeper)
{
    do {
        turn(keeper);
    } while (exchange_wait(keeper->exchange, TURN_MS));
    exchange_say_farewell(keeper->exchange, FAREWELL_MS);
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

void keeper_load_state(struct keeper *keeper)
{
    char path[DISK_PATH_BYTES];
    struct text text = TEXT_INIT;
    if (disk_join(path, keeper->options->folder, "state.json"))
        disk_read(path, STATE_BYTES, &text);
    state_read(&keeper->state, text_view(&text), keeper->options->directory);
    if (keeper->wishes_kept.fd < 0)
        state_read_wishes(text_view(&text), &keeper->wishes);
    text_fini(&text);
}

static void tell_fleeting(const struct keeper *keeper)
{
    const char *what = disk_is_fleeting(keeper->options->folder);
    if (what && store_is_empty(&keeper->store) &&
        !account_exists(keeper->accounts, keeper->options->directory))
        log_warn("%s is empty and lies in %s: each new start would order all certificates again, until the "
                 "authority refuses for a week; put a volume there, or set --acme-dir",
                 keeper->options->folder, what);
}

static bool open_consul(struct keeper *keeper, struct trouble *trouble)
{
    struct text problem = TEXT_INIT;
    if (!keeper->options->consul)
        return true;
    bool is_good =
        consul_open(&keeper->consul, keeper->exchange, keeper->options->consul, &problem);
    if (!is_good)
        trouble_say(trouble, TROUBLE_HERE, "--consul: %.400s", text_str(&problem));
    text_fini(&problem);
    keeper->sharing.consul = &keeper->consul;
    keeper->challenges.sharing = &keeper->sharing;
    return is_good;
}

bool keeper_open(struct keeper *keeper, const struct options *options, struct exchange *exchange,
                 int wishes_fd, int bulletin_fd, struct trouble *trouble)
{
    *keeper = (struct keeper){.options = options, .exchange = exchange};
    rng_init(&keeper->rng);
    keepsake_open(&keeper->wishes_kept, wishes_fd);
    bulletin_open(&keeper->bulletin, bulletin_fd);
    if (!store_open(&keeper->store, options->folder, trouble) || !open_consul(keeper, trouble))
        return false;
    disk_join(keeper->challenges.http_folder, options->folder, "challenges");
    disk_join(keeper->challenges.alpn_folder, options->folder, "alpn");
    disk_join(keeper->accounts, options->folder, "accounts");
    turn_init(&keeper->turn, options->folder, options->consul ? &keeper->consul : NULL);
    store_scan(&keeper->store);
    keeper_load_state(keeper);
    tell_fleeting(keeper);
    return true;
}

void keeper_close(struct keeper *keeper)
{
    turn_leave(&keeper->turn);
    account_close(&keeper->account);
    bulletin_close(&keeper->bulletin);
    wishes_fini(&keeper->wishes);
    text_fini(&keeper->wishes_text);
    state_fini(&keeper->state);
    store_close(&keeper->store);
}
