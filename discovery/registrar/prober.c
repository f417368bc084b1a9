#include "discovery/registrar/prober.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/net/fetch.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"

#define INTERVAL_MIN_MS     1000u
#define INTERVAL_DEFAULT_MS 10000u
#define TIMEOUT_DEFAULT_MS  10000u
#define SHOWN_BYTES         100
#define SCHEME              "http://"
/* What has just started is asked again soon, so often. */
#define SOON_MS    1000u
#define SOON_COUNT 10u

struct prober {
    struct fetch_pool *pool; /* NULL: its URL is none that can be asked */
    struct fetch *fetch;
    char *target, *method, *text;
    uint32_t interval_ms, timeout_ms;
    uint64_t due_at_ms, asked_at_ms;
    unsigned soon_count; /* times more that it is asked again soon */
    int status;
    struct text body; /* its beginning */
    void *owner;
    void (*on_result)(void *owner, enum registration_health health, const char *sentence);
};

static char *copy_or(const char *text, const char *otherwise)
{
    const char *from = text && text[0] ? text : otherwise;
    return memory_copy(from, strlen(from));
}

/* The URL in two: where to connect, and what to ask for. */
static bool open_pool(struct prober *prober, struct fetch_loop *loop, const char *url)
{
    struct server_url server;
    const char *problem;
    struct view all = view_str(url);
    if (!view_starts_with(all, VIEW(SCHEME)) || !clean_is_clean(all, SERVER_URL_BYTES))
        return false;
    const char *path = strchr(url + strlen(SCHEME), '/');
    prober->target = copy_or(path, "/");
    char *place = memory_copy(url, path ? (size_t)(path - url) : all.len);
    bool is_good = server_url_parse(place, &server, &problem);
    free(place);
    if (is_good)
        prober->pool = fetch_pool_open(loop, &server);
    return is_good;
}

struct prober *
prober_open(struct fetch_loop *loop, const struct registration_probe *probe, void *owner,
            void (*on_result)(void *owner, enum registration_health health, const char *sentence))
{
    struct prober *prober = memory_new(sizeof(*prober));
    uint32_t interval_ms = probe->interval_ms > 0 ? probe->interval_ms : INTERVAL_DEFAULT_MS;
    prober->interval_ms = interval_ms > INTERVAL_MIN_MS ? interval_ms : INTERVAL_MIN_MS;
    prober->timeout_ms = probe->timeout_ms > 0 ? probe->timeout_ms : TIMEOUT_DEFAULT_MS;
    prober->method = copy_or(probe->method, "GET");
    prober->text = copy_or(probe->text, "");
    prober->soon_count = SOON_COUNT;
    prober->owner = owner;
    prober->on_result = on_result;
    open_pool(prober, loop, probe->url ? probe->url : "");
    return prober;
}

enum registration_health prober_judge(int status, struct view body, const char *text,
                                      struct text *sentence)
{
    text_clear(sentence);
    if (status == 429) {
        text_append_str(sentence, "429: it has too much to do");
        return REGISTRATION_WARNING;
    }
    text_appendf(sentence, "%d", status);
    if (status < 200 || status > 299)
        return REGISTRATION_CRITICAL;
    if (text[0] == '\0')
        return REGISTRATION_PASSING;
    bool is_there = body.len > 0 && memmem(body.ptr, body.len, text, strlen(text));
    char *shown = clean_copy(view_str(text), SHOWN_BYTES);
    text_appendf(sentence, is_there ? ", and \"%s\" in its body" : ", but no \"%s\" in its body",
                 shown);
    free(shown);
    return is_there ? REGISTRATION_PASSING : REGISTRATION_CRITICAL;
}

static void tell(struct prober *prober, enum registration_health health, const char *sentence)
{
    if (health == REGISTRATION_PASSING)
        prober->soon_count = 0;
    if (prober->soon_count > 0) {
        prober->soon_count--;
        prober->due_at_ms = prober->asked_at_ms + SOON_MS;
    }
    prober->on_result(prober->owner, health, sentence);
}

static void tell_answer(struct prober *prober)
{
    struct text sentence = TEXT_INIT;
    enum registration_health health =
        prober_judge(prober->status, text_view(&prober->body), prober->text, &sentence);
    tell(prober, health, text_str(&sentence));
    text_fini(&sentence);
}

static void take_open(void *owner, int status)
{
    struct prober *prober = owner;
    prober->status = status;
}

/* What is behind the part that counts is not waited for. */
static void take_bytes(void *owner, struct view bytes)
{
    struct prober *prober = owner;
    size_t room = PROBER_BODY_BYTES_MAX - prober->body.len;
    text_append(&prober->body, view_of(bytes.ptr, bytes.len < room ? bytes.len : room));
    if (bytes.len <= room)
        return;
    fetch_cancel(prober->fetch);
    prober->fetch = NULL;
    tell_answer(prober);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct prober *prober = owner;
    prober->fetch = NULL;
    if (answer->problem)
        tell(prober, REGISTRATION_CRITICAL, answer->problem);
    else
        tell_answer(prober);
}

static void ask(struct prober *prober)
{
    prober->status = 0;
    text_clear(&prober->body);
    prober->fetch =
        fetch_start(prober->pool, &(struct fetch_request){.method = prober->method,
                                                          .target = prober->target,
                                                          .timeout_ms = prober->timeout_ms,
                                                          .owner = prober,
                                                          .has_end = true,
                                                          .on_open = take_open,
                                                          .on_bytes = take_bytes,
                                                          .on_done = take_done});
}

void prober_tick(struct prober *prober, uint64_t now_ms)
{
    if (prober->fetch || now_ms < prober->due_at_ms)
        return;
    prober->asked_at_ms = now_ms;
    prober->due_at_ms = now_ms + prober->interval_ms;
    if (prober->pool)
        ask(prober);
    else
        prober->on_result(prober->owner, REGISTRATION_CRITICAL,
                          "its URL cannot be asked: it is to begin with http://ADDRESS:PORT");
}

uint64_t prober_next_tick_ms(const struct prober *prober)
{
    return prober->fetch ? UINT64_MAX : prober->due_at_ms;
}

void prober_close(struct prober *prober)
{
    if (!prober)
        return;
    fetch_pool_close(prober->pool);
    free(prober->target);
    free(prober->method);
    free(prober->text);
    text_fini(&prober->body);
    free(prober);
}
