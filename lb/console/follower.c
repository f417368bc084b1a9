#include "lb/console/follower.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/admin/ask.h"

#define REFUSAL_MAX_BYTES 4096
/* Of 64 KiB at once: keys and signals have their turn, whoever tells without end. */
#define READ_MAX 16u

void follower_init(struct follower *follower, const struct config *config)
{
    struct parser_limits limits = {.max_head_bytes = 65536, .max_field_count = HEAD_FIELD_MAX};
    *follower = (struct follower){.config = config, .fd = -1};
    parser_setup_init(&follower->setup, PARSER_RESPONSE, &limits);
    parser_init(&follower->parser, &follower->setup);
}

static void disconnect(struct follower *follower, uint64_t now_ms)
{
    if (follower->fd >= 0)
        close(follower->fd);
    follower->fd = -1;
    follower->status = 0;
    follower->lost_ms = now_ms;
    parser_reset(&follower->parser);
    feed_fini(&follower->feed);
    text_fini(&follower->refusal);
}

static void lose(struct follower *follower, const char *why, uint64_t now_ms)
{
    disconnect(follower, now_ms);
    text_clear(&follower->problem);
    text_append_str(&follower->problem, why);
}

static void open_one(struct follower *follower, uint64_t now_ms)
{
    struct text problem = TEXT_INIT;
    follower->fd =
        ask_open(follower->config, &(struct ask){.method = "GET", .path = "/events"}, &problem);
    follower->heard_ms = now_ms;
    if (follower->fd >= 0)
        fcntl(follower->fd, F_SETFL, fcntl(follower->fd, F_GETFL) | O_NONBLOCK);
    else
        lose(follower, text_str(&problem), now_ms);
    text_fini(&problem);
}

void follower_tick(struct follower *follower, uint64_t now_ms)
{
    bool is_first = follower->lost_ms == 0;
    if (follower->fd >= 0 && now_ms - follower->heard_ms > FOLLOWER_SILENT_MS)
        lose(follower, "lb has told nothing for 5 s", now_ms);
    else if (follower->fd < 0 && (is_first || now_ms - follower->lost_ms >= FOLLOWER_PAUSE_MS))
        open_one(follower, now_ms);
}

/* An answer that is no stream of events, as soon as it is complete. */
static void take_refusal(struct follower *follower, uint64_t now_ms)
{
    json_t *answer = json_loadb(text_str(&follower->refusal), follower->refusal.len, 0, NULL);
    const char *message = world_text(answer, "message");
    struct text why = TEXT_INIT;
    if (message)
        text_append_str(&why, message);
    else
        text_appendf(&why, "the admin listener answers %u, and tells no events", follower->status);
    lose(follower, text_str(&why), now_ms);
    text_fini(&why);
    json_decref(answer);
}

static void take_body(struct follower *follower, struct view piece, uint64_t now_ms, bool *changed)
{
    struct text event = TEXT_INIT;
    if (follower->status != 200) {
        if (follower->refusal.len + piece.len <= REFUSAL_MAX_BYTES)
            text_append(&follower->refusal, piece);
        return;
    }
    if (!feed_add(&follower->feed, piece)) {
        lose(follower, "lb tells more than there is room for", now_ms);
        return;
    }
    while (feed_next(&follower->feed, &event))
        if (world_join(&follower->world, text_view(&event))) {
            *changed = true;
            text_clear(&follower->problem);
        }
    text_fini(&event);
}

static void take(struct follower *follower, struct view input, uint64_t now_ms, bool *changed)
{
    struct view piece;
    while (follower->fd >= 0) {
        switch (parser_step(&follower->parser, &input, &piece)) {
        case PARSER_MORE:
            return;
        case PARSER_HEAD:
            follower->status = follower->parser.head.status;
            break;
        case PARSER_BODY:
            take_body(follower, piece, now_ms, changed);
            break;
        case PARSER_ERROR:
            lose(follower, "what answers there is no admin listener of lb", now_ms);
            return;
        case PARSER_END:
            take_refusal(follower, now_ms);
            return;
        }
    }
}

bool follower_read(struct follower *follower, uint64_t now_ms)
{
    char buffer[65536];
    bool has_changed = false;
    for (unsigned i = 0; i < READ_MAX && follower->fd >= 0; i++) {
        ssize_t count = recv(follower->fd, buffer, sizeof(buffer), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (count > 0) {
            follower->heard_ms = now_ms;
            take(follower, view_of(buffer, (size_t)count), now_ms, &has_changed);
        } else if (follower->status != 0 && follower->status != 200) {
            take_refusal(follower, now_ms);
        } else {
            lose(follower, "the connection to lb has ended", now_ms);
        }
    }
    return has_changed;
}

void follower_fini(struct follower *follower)
{
    disconnect(follower, 0);
    parser_fini(&follower->parser);
    world_fini(&follower->world);
    text_fini(&follower->problem);
}
