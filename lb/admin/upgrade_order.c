#include "lb/admin/upgrade_order.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lb/admin/ask.h"
#include "lb/base/clock.h"
#include "lb/base/shown.h"

#define PAUSE_MS 100u

/* Beside the time that the new one has to be ready in: for the change itself. */
#define CHANGE_MS 15000u

static void copy(const json_t *root, const char *key, char *out, size_t size)
{
    const char *value = json_string_value(json_object_get(root, key));
    snprintf(out, size, "%s", value ? value : "");
}

static long long number_of(const json_t *root, const char *key)
{
    return json_integer_value(json_object_get(root, key));
}

bool upgrade_order_read(const struct text *body, struct upgrade_order_view *view)
{
    json_t *root = json_loadb(text_str(body), body->len, 0, NULL);
    *view = (struct upgrade_order_view){.pid = number_of(root, "pid"),
                                        .upgrades = number_of(root, "upgrades"),
                                        .failures = number_of(root, "failures"),
                                        .timeout_ms = number_of(root, "upgrade_timeout_ms")};
    copy(root, "version", view->version, sizeof(view->version));
    copy(root, "last_failure", view->failure, sizeof(view->failure));
    json_decref(root);
    return view->pid > 0;
}

/* A process that crashes meanwhile is no upgrade; what it knew of failures is gone with it. */
enum upgrade_order_verdict upgrade_order_judge(const struct upgrade_order_view *before,
                                               const struct upgrade_order_view *now)
{
    if (now->pid != before->pid)
        return now->upgrades > before->upgrades ? UPGRADE_ORDER_DONE : UPGRADE_ORDER_OPEN;
    return now->failures > before->failures ? UPGRADE_ORDER_FAILED : UPGRADE_ORDER_OPEN;
}

static void say(FILE *stream, const char *text)
{
    struct text shown = TEXT_INIT;
    shown_append_lines(&shown, view_str(text));
    fprintf(stream, "%s%s\n", stream == stderr ? "lb: " : "", text_str(&shown));
    text_fini(&shown);
}

/* Gives the status; 0: there was no answer, and `problem` says why. */
static unsigned look(const struct config *config, struct upgrade_order_view *view,
                     struct text *problem)
{
    struct text body = TEXT_INIT;
    unsigned status =
        ask_lb(config, &(struct ask){.method = "GET", .path = "/process"}, &body, problem);
    if (status == 200 && !upgrade_order_read(&body, view))
        status = 0;
    else if (status != 200)
        text_append(problem, text_view(&body));
    text_fini(&body);
    return status;
}

static bool order(const struct config *config, struct text *problem)
{
    struct text body = TEXT_INIT;
    unsigned status =
        ask_lb(config, &(struct ask){.method = "POST", .path = "/upgrade"}, &body, problem);
    json_t *answer = json_loadb(text_str(&body), body.len, 0, NULL);
    const char *message = json_string_value(json_object_get(answer, "message"));
    if (status != 200 && status != 0)
        text_append(problem, message ? view_str(message) : text_view(&body));
    json_decref(answer);
    text_fini(&body);
    return status == 200;
}

/* "last upgrade failed: …", as /pool has it. */
static const char *without_last(const char *failure)
{
    static const char last[] = "last ";
    return strncmp(failure, last, sizeof(last) - 1) == 0 ? failure + sizeof(last) - 1 : failure;
}

static int tell(const struct upgrade_order_view *now, enum upgrade_order_verdict verdict)
{
    struct text sentence = TEXT_INIT;
    if (verdict == UPGRADE_ORDER_DONE)
        text_appendf(&sentence, "lb %s serves, as process %lld", now->version, now->pid);
    else if (verdict == UPGRADE_ORDER_FAILED)
        text_appendf(&sentence, "the %s; lb %s serves on; its log says more",
                     without_last(now->failure), now->version);
    else
        text_append_str(&sentence, "it is not known what became of it; lb ctl process and the "
                                   "log of lb say more");
    say(verdict == UPGRADE_ORDER_DONE ? stdout : stderr, text_str(&sentence));
    text_fini(&sentence);
    return verdict == UPGRADE_ORDER_DONE ? 0 : 1;
}

/* While one gives way to the other, a question may meet neither. */
static int await(const struct config *config, const struct upgrade_order_view *before)
{
    uint64_t limit_ms = (before->timeout_ms > 0 ? (uint64_t)before->timeout_ms : 0) + CHANGE_MS;
    uint64_t end_ns = clock_mono_ns() + limit_ms * 1000000;
    struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    struct upgrade_order_view now = *before, seen;
    enum upgrade_order_verdict verdict = UPGRADE_ORDER_OPEN;
    while (verdict == UPGRADE_ORDER_OPEN && clock_mono_ns() < end_ns) {
        struct text ignored = TEXT_INIT;
        nanosleep(&pause, NULL);
        if (look(config, &seen, &ignored) == 200) {
            now = seen;
            verdict = upgrade_order_judge(before, &now);
        }
        text_fini(&ignored);
    }
    return tell(&now, verdict);
}

int upgrade_order_run(const struct config *config)
{
    struct text problem = TEXT_INIT;
    struct upgrade_order_view before;
    int status = 1;
    if (look(config, &before, &problem) == 200 && order(config, &problem))
        status = await(config, &before);
    else
        say(stderr, text_str(&problem));
    text_fini(&problem);
    return status;
}
