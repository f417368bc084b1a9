#include "acme/rollover.h"

#include <errno.h>
#include <unistd.h>

#include "lb/base/log.h"

#define WISH_FILE    "rollover.wish"
#define ANSWER_FILE  "rollover.answer"
#define ANSWER_BYTES 2048u
#define LOOK_MS      250u
#define LOOKS_MAX    240u

static bool roll_over(struct keeper *keeper, struct text *told)
{
    struct trouble trouble = {0};
    bool is_good = keeper_base_meet_server(keeper, &trouble) &&
                   account_roll_over(&keeper->account, &keeper->client, &trouble);
    if (is_good)
        text_appendf(told, "the account at %s has another key", keeper->client.directory.host);
    else
        text_append_str(told, trouble.sentence);
    return is_good;
}

/* Its first byte says whether it worked. */
void rollover_serve(struct keeper *keeper)
{
    char path[DISK_PATH_BYTES];
    struct text told = TEXT_INIT, answer = TEXT_INIT;
    if (!disk_join(path, keeper->options->folder, WISH_FILE) || unlink(path) < 0)
        return;
    bool is_good = roll_over(keeper, &told);
    text_appendf(&answer, "%c%s\n", is_good ? '+' : '-', text_str(&told));
    if (is_good)
        log_info("%s", text_str(&told));
    else
        log_warn("%s", text_str(&told));
    disk_write(keeper->options->folder, ANSWER_FILE, text_view(&answer));
    text_fini(&told);
    text_fini(&answer);
}

static bool await_answer(struct keeper *keeper, const char *path, struct text *told)
{
    struct text answer = TEXT_INIT;
    bool is_good = false, is_there = false;
    for (unsigned i = 0; i < LOOKS_MAX && !is_there; i++) {
        is_there = disk_read(path, ANSWER_BYTES, &answer) && answer.len > 2;
        if (!is_there && !exchange_wait(keeper->exchange, LOOK_MS))
            break;
    }
    if (is_there) {
        is_good = answer.bytes[0] == '+';
        text_append(told, view_of(answer.bytes + 1, answer.len - 2));
        unlink(path);
    } else {
        text_append_str(
            told, "the lb-acme that orders for this folder has not answered; look at its log");
    }
    text_fini(&answer);
    return is_good;
}

bool rollover_by_hand(struct keeper *keeper, struct text *told)
{
    struct trouble trouble = {0};
    char path[DISK_PATH_BYTES];
    if (turn_take(&keeper->turn, keeper_base_now_s(keeper), &trouble))
        return roll_over(keeper, told);
    disk_join(path, keeper->options->folder, ANSWER_FILE);
    unlink(path);
    if (!disk_write(keeper->options->folder, WISH_FILE, VIEW("1\n"))) {
        text_appendf(told, "%s, and it cannot be asked: %s", trouble.sentence, strerror(errno));
        return false;
    }
    return await_answer(keeper, path, told);
}
