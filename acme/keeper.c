#include "acme/keeper.h"

#include <stdio.h>

#include "acme/keeper_order.h"
#include "acme/rollover.h"
#include "lb/base/log.h"

#define TURN_MS     1000u
#define SCAN_S      10
#define CALM_S      2 /* wishes come one after the other while lb starts */
#define FAREWELL_MS 1000u

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
    keeper->wishes_changed_s = keeper_base_now_s(keeper);
    state_sweep(&keeper->state, &keeper->wishes);
    log_debug("%zu certificates are wished", keeper->wishes.count);
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
        keeper_base_load_state(keeper);
        store_scan(&keeper->store);
    } else if (!is_ours && was_ours && trouble.kind != TROUBLE_STOPPED) {
        log_warn("nothing is ordered here any more: %s", trouble.sentence);
    }
}

static void turn(struct keeper *keeper)
{
    int64_t now_s = keeper_base_now_s(keeper);
    take_wishes(keeper);
    look_at_disk(keeper, now_s);
    share(keeper, keeper->turn.is_ours);
    take_turn(keeper, now_s);
    if (keeper->turn.is_ours) {
        rollover_serve(keeper);
        if (now_s >= keeper->wishes_changed_s + CALM_S || now_s < keeper->wishes_changed_s)
            keeper_order_next(keeper);
    }
    keeper_base_tell(keeper);
}

void keeper_run(struct keeper *keeper)
{
    do {
        turn(keeper);
    } while (exchange_wait(keeper->exchange, TURN_MS));
    exchange_say_farewell(keeper->exchange, FAREWELL_MS);
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

static void tell_fleeting(const struct keeper *keeper)
{
    const char *what = disk_is_fleeting(keeper->options->folder);
    if (what && store_is_empty(&keeper->store) &&
        !account_exists(keeper->accounts, keeper->options->directory))
        log_warn("%s is empty and lies in %s: each new start would order all certificates again, "
                 "until the "
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

/* Who only asks what stands makes nothing. */
static bool open_store(struct keeper *keeper, struct trouble *trouble)
{
    const struct options *options = keeper->options;
    if (options->action != OPTIONS_DRY_RUN && options->action != OPTIONS_LIST)
        return store_open(&keeper->store, options->folder, trouble);
    store_look(&keeper->store, options->folder);
    return true;
}

bool keeper_open(struct keeper *keeper, const struct options *options, struct exchange *exchange,
                 int wishes_fd, int bulletin_fd, struct trouble *trouble)
{
    *keeper = (struct keeper){.options = options, .exchange = exchange};
    rng_init(&keeper->rng);
    keepsake_open(&keeper->wishes_kept, wishes_fd);
    bulletin_open(&keeper->bulletin, bulletin_fd);
    if (!open_store(keeper, trouble) || !open_consul(keeper, trouble))
        return false;
    disk_join(keeper->challenges.http_folder, options->folder, "challenges");
    disk_join(keeper->challenges.alpn_folder, options->folder, "alpn");
    disk_join(keeper->accounts, options->folder, "accounts");
    turn_init(&keeper->turn, options->folder, options->consul ? &keeper->consul : NULL);
    store_scan(&keeper->store);
    keeper_base_load_state(keeper);
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
