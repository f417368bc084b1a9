#include "appserver/exception.h"

#include <stdio.h>
#include <unistd.h>

#include "appserver/frames.h"
#include "lb/base/json_writer.h"
#include "lb/base/log.h"

#define TYPE          "AppserverError"
#define MESSAGE_BYTES 200
#define PATIENCE_MS   2000

struct raised {
    struct exception_desk *desk;
    const struct request *request;
    struct view message;
    struct text *body;
};

/* ---- the message ----------------------------------------------------------------------------- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What a query has behind a name, as forms write it. */
static struct view decode(struct view value, char out[MESSAGE_BYTES])
{
    size_t len = 0;
    for (size_t i = 0; i < value.len && len < MESSAGE_BYTES; i++) {
        bool is_escape = value.ptr[i] == '%' && i + 2 < value.len &&
                         digit_of(value.ptr[i + 1]) >= 0 && digit_of(value.ptr[i + 2]) >= 0;
        char c = value.ptr[i] == '+' ? ' ' : value.ptr[i];
        if (is_escape) {
            c = (char)(digit_of(value.ptr[i + 1]) << 4 | digit_of(value.ptr[i + 2]));
            i += 2;
        }
        out[len++] = c;
    }
    return view_of(out, len);
}

static struct view message_of(struct view target, char room[MESSAGE_BYTES])
{
    struct view name = VIEW("message=");
    view_cut(&target, '?');
    while (target.ptr) {
        struct view part = view_cut(&target, '&');
        if (view_starts_with(part, name) && part.len > name.len)
            return decode(view_skip(part, name.len), room);
    }
    return VIEW("GET /raise asked for this");
}

/* ---- telling --------------------------------------------------------------------------------- */

static void say(const struct raised *raised, const struct frames *frames, const char *event_id)
{
    struct view trace = trace_id(&raised->request->trace);
    struct text calls = TEXT_INIT;
    frames_say(frames, &calls);
    log_error("raised " TYPE ": %.*s; trace %.*s; event %s; at %s", (int)raised->message.len,
              raised->message.ptr, trace.len ? (int)trace.len : 1, trace.len ? trace.ptr : "-",
              event_id, text_str(&calls));
    text_fini(&calls);
}

static void tell(const struct raised *raised, const struct frames *frames,
                 struct sentry_event *event)
{
    const struct request *request = raised->request;
    const struct sentry_pair tags[] = {
        {VIEW("url"), request->path},
        {VIEW("http.method"), request->method},
        {VIEW("http.status_code"), VIEW("500")},
    };
    event->logger = VIEW("appserver");
    event->server_name = view_str(raised->desk->server_name);
    event->release = VIEW("appserver@" LB_VERSION);
    event->trace_id = trace_id(&request->trace);
    event->exception = (struct sentry_exception){.type = VIEW(TYPE),
                                                 .value = raised->message,
                                                 .mechanism = VIEW("generic"),
                                                 .frames = frames->frames,
                                                 .frame_count = frames->frame_count};
    event->images = frames->images;
    event->image_count = frames->image_count;
    event->tags = tags;
    event->tag_count = sizeof(tags) / sizeof(tags[0]);
    sentry_sender_put(raised->desk->sender, event);
}

static void answer(const struct raised *raised, const char *event_id)
{
    struct json_writer json;
    struct view trace = trace_id(&raised->request->trace);
    json_writer_init(&json, raised->body);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "error", TYPE);
    json_writer_key(&json, "message");
    json_writer_string(&json, raised->message);
    json_writer_field_str(&json, "event_id", event_id);
    if (trace.len > 0) {
        json_writer_key(&json, "trace_id");
        json_writer_string(&json, trace);
    }
    json_writer_field_bool(&json, "is_reported", raised->desk->sender != NULL);
    json_writer_end_object(&json);
    text_append_char(raised->body, '\n');
}

/* ---- calls with names, as a program has them where something goes wrong in its depth ----------- */

void exception_happen(const struct raised *raised);
void exception_find_price(const struct raised *raised);
void exception_serve_order(const struct raised *raised);

__attribute__((noinline, noipa)) void exception_happen(const struct raised *raised)
{
    struct frames frames;
    struct sentry_event event;
    frames_take(&frames);
    sentry_event_init(&event);
    say(raised, &frames, event.id);
    if (raised->desk->sender)
        tell(raised, &frames, &event);
    answer(raised, event.id);
}

__attribute__((noinline, noipa)) void exception_find_price(const struct raised *raised)
{
    exception_happen(raised);
    __asm__ volatile(""); /* no tail call, which would leave no trace of this one */
}

__attribute__((noinline, noipa)) void exception_serve_order(const struct raised *raised)
{
    exception_find_price(raised);
    __asm__ volatile("");
}

__attribute__((noinline, noipa)) void
exception_raise(struct exception_desk *desk, const struct request *request, struct text *body)
{
    char room[MESSAGE_BYTES];
    struct raised raised = {.desk = desk, .request = request, .body = body};
    raised.message = message_of(request->target, room);
    exception_serve_order(&raised);
}

/* ---- the desk -------------------------------------------------------------------------------- */

/* Thread: the sender's too. */
static void on_told(void *owner, const struct sentry_sender_news *news)
{
    (void)owner;
    if (news->problem)
        log_warn("%s", news->problem);
    else if (news->end == SENTRY_SENDER_DROPPED_QUEUE)
        log_warn("an exception was not told to Sentry: too many wait");
}

bool exception_desk_init(struct exception_desk *desk, const struct dsn *dsn,
                         const char *server_name, struct text *problem)
{
    *desk = (struct exception_desk){0};
    snprintf(desk->server_name, sizeof(desk->server_name), "%s", server_name);
    frames_prepare();
    if (!dsn->endpoint[0])
        return true;
    if (!sentry_sender_begin()) {
        text_append_str(problem, "libcurl does not start");
        return false;
    }
    struct sentry_sender_options options = {.dsn = dsn, .tell = on_told};
    desk->sender = sentry_sender_open(&options, problem);
    if (!desk->sender) {
        sentry_sender_end();
        return false;
    }
    log_info("exceptions go to %s", dsn->shown);
    return true;
}

void exception_desk_fini(struct exception_desk *desk)
{
    if (!desk->sender)
        return;
    if (!sentry_sender_close(desk->sender, PATIENCE_MS))
        _exit(0); /* libraries that are taken down would crash the thread that hangs */
    sentry_sender_end();
}
