#include "acme/keeper_base.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"

#define DIRECTORY_S (24 * 3600)
#define STATE_BYTES (16u << 20)
#define SECOND_NS   UINT64_C(1000000000)

int64_t keeper_base_now_s(const struct keeper *keeper)
{
    return (int64_t)(clock_wall_ns() / SECOND_NS) + keeper->options->clock_ahead_s;
}

void keeper_base_tell(struct keeper *keeper)
{
    int64_t now_s = keeper_base_now_s(keeper);
    size_t count = keeper->wishes.count;
    struct bulletin_row *rows = memory_new((count ? count : 1) * sizeof(*rows));
    for (size_t i = 0; i < count; i++) {
        const struct names *names = &keeper->wishes.list[i];
        rows[i].names = names;
        rows[i].entry = store_find(&keeper->store, names, keeper->options->directory);
        rows[i].state = state_of(&keeper->state, names);
        rows[i].decision =
            decision_make(names, rows[i].entry, rows[i].state, keeper->state.pause_until_s, now_s);
        rows[i].is_ordering = names == keeper->ordering;
        rows[i].waits_for = keeper->waits_for[0] ? keeper->waits_for : NULL;
    }
    bulletin_write(&keeper->bulletin, rows, count, now_s);
    free(rows);
}

bool keeper_base_meet_server(struct keeper *keeper, struct trouble *trouble)
{
    int64_t now_s = keeper_base_now_s(keeper);
    if (keeper->is_known && now_s < keeper->known_s + DIRECTORY_S)
        return true;
    account_close(&keeper->account);
    keeper->is_known = false;
    keeper->client = (struct client){.exchange = keeper->exchange};
    struct account_options options = {.folder = keeper->accounts,
                                      .directory_url = keeper->options->directory,
                                      .email = keeper->options->email,
                                      .binding_kid = keeper->options->binding_kid,
                                      .binding_secret =
                                          text_view(&keeper->options->binding_secret)};
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

void keeper_base_load_state(struct keeper *keeper)
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
