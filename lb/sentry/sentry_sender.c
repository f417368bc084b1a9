#include "lb/sentry/sentry_sender.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/base/thread.h"
#include "lb/sentry/sentry_envelope.h"
#include "lb/sentry/sentry_post.h"
#include "lb/sentry/sentry_queue.h"

#define MS_NS            UINT64_C(1000000)
#define QUEUE_COUNT      100u
#define QUEUE_BYTES      (4u << 20)
#define TIMEOUT_MS       5000u
#define BACKOFF_FIRST_MS 1000u
#define BACKOFF_CAP_MS   300000u
#define LEAVE_BEHIND_MS  300u /* how long its thread may take to go once it was told to */

static const char too_late[] = "Sentry was not told of it before this program ended";

struct sentry_sender {
    struct sentry_post *post;
    uint32_t backoff_first_ms;
    _Atomic uint64_t *waiting;
    void *owner;
    void (*tell)(void *owner, const struct sentry_sender_news *news);
    pthread_t thread;

    /* ---- under the lock */
    pthread_mutex_t lock;
    pthread_cond_t bell; /* something waits, or it is to end; and: it has ended */
    struct sentry_queue queue;
    struct sentry_limits limits;
    uint64_t until_ns; /* when it is to have ended; 0: it is not */
    bool is_sending, has_ended;

    /* ---- the thread's own */
    uint64_t away_until_ns; /* it is not asked before */
    uint32_t backoff_ms;
};

bool sentry_sender_begin(void)
{
    return sentry_post_begin();
}

void sentry_sender_end(void)
{
    sentry_post_end();
}

const char *sentry_sender_library_version(void)
{
    return sentry_post_library_version();
}

/* ---- under the lock -------------------------------------------------------------------------------- */

static uint64_t limited_until_wall_ns(const struct sentry_sender *sender)
{
    uint64_t now_ns = clock_mono_ns();
    return sentry_limits_hold(&sender->limits, now_ns)
               ? clock_wall_ns() + (sender->limits.until_ns - now_ns)
               : 0;
}

static void tell(struct sentry_sender *sender, enum sentry_sender_end end, const char *problem)
{
    struct sentry_sender_news news = {
        .end = end, .problem = problem, .limited_until_ns = limited_until_wall_ns(sender)};
    if (sender->tell)
        sender->tell(sender->owner, &news);
}

static void count_waiting(struct sentry_sender *sender)
{
    if (sender->waiting)
        atomic_store(sender->waiting, sender->queue.count);
}

static bool take_envelope(struct sentry_sender *sender, struct text *out)
{
    bool has_one = sentry_queue_take(&sender->queue, out);
    count_waiting(sender);
    return has_one;
}

static void drop_all(struct sentry_sender *sender, enum sentry_sender_end end, const char *problem)
{
    struct text envelope;
    while (take_envelope(sender, &envelope)) {
        text_fini(&envelope);
        tell(sender, end, problem);
    }
}

static void wait_until(struct sentry_sender *sender, uint64_t mono_ns)
{
    struct timespec time = {.tv_sec = (time_t)(mono_ns / 1000000000),
                            .tv_nsec = (long)(mono_ns % 1000000000)};
    pthread_cond_timedwait(&sender->bell, &sender->lock, &time);
}

/* ---- the thread ------------------------------------------------------------------------------------- */

/* Longer and longer, while there is nobody: each try may take its whole time. */
static void back_off(struct sentry_sender *sender)
{
    sender->backoff_ms =
        sender->backoff_ms == 0 ? sender->backoff_first_ms : sender->backoff_ms * 2;
    if (sender->backoff_ms > BACKOFF_CAP_MS)
        sender->backoff_ms = BACKOFF_CAP_MS;
    sender->away_until_ns = clock_mono_ns() + sender->backoff_ms * MS_NS;
}

static enum sentry_sender_end end_of(const struct sentry_post_result *result)
{
    if (result->is_sent)
        return SENTRY_SENDER_SENT;
    return result->answer.status == 429 ? SENTRY_SENDER_DROPPED_RATE_LIMIT
                                        : SENTRY_SENDER_DROPPED_ERROR;
}

static void conclude(struct sentry_sender *sender, const struct sentry_post_result *result)
{
    sender->away_until_ns = 0;
    if (result->is_away)
        back_off(sender);
    else
        sender->backoff_ms = 0;
    pthread_mutex_lock(&sender->lock);
    sender->is_sending = false;
    sentry_limits_learn(&sender->limits, clock_mono_ns(), &result->answer);
    tell(sender, end_of(result), result->is_sent ? NULL : result->problem);
    pthread_mutex_unlock(&sender->lock);
}

/* Gives the next envelope; false: it is time to end. While the server is away what waits goes on waiting, but not when this
 * ends. */
static bool await_envelope(struct sentry_sender *sender, struct text *out)
{
    bool has_one = false;
    pthread_mutex_lock(&sender->lock);
    for (;;) {
        uint64_t now_ns = clock_mono_ns();
        bool is_away = now_ns < sender->away_until_ns;
        if (sentry_limits_hold(&sender->limits, now_ns))
            drop_all(sender, SENTRY_SENDER_DROPPED_RATE_LIMIT, NULL);
        if (sender->until_ns > 0 && (is_away || now_ns >= sender->until_ns))
            break;
        if (!is_away && (has_one = take_envelope(sender, out)))
            break;
        if (sender->until_ns > 0)
            break;
        if (is_away)
            wait_until(sender, sender->away_until_ns);
        else
            pthread_cond_wait(&sender->bell, &sender->lock);
    }
    sender->is_sending = has_one;
    pthread_mutex_unlock(&sender->lock);
    return has_one;
}

static void *deliver(void *argument)
{
    struct sentry_sender *sender = argument;
    struct sentry_post_result result;
    struct text envelope;
    while (await_envelope(sender, &envelope)) {
        sentry_post_run(sender->post, text_view(&envelope), &result);
        text_fini(&envelope);
        conclude(sender, &result);
    }
    pthread_mutex_lock(&sender->lock);
    sender->has_ended = true;
    pthread_cond_broadcast(&sender->bell);
    pthread_mutex_unlock(&sender->lock);
    return NULL;
}

/* ---- opening ---------------------------------------------------------------------------------------- */

static size_t or_default(size_t value, size_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static void init_waiting(struct sentry_sender *sender, const struct sentry_sender_options *options)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&sender->lock, NULL);
    pthread_cond_init(&sender->bell, &attributes);
    pthread_condattr_destroy(&attributes);
    sentry_queue_init(&sender->queue, or_default(options->queue_count_max, QUEUE_COUNT),
                      or_default(options->queue_bytes_max, QUEUE_BYTES));
}

static void free_sender(struct sentry_sender *sender)
{
    sentry_post_close(sender->post);
    sentry_queue_fini(&sender->queue);
    pthread_mutex_destroy(&sender->lock);
    pthread_cond_destroy(&sender->bell);
    free(sender);
}

struct sentry_sender *sentry_sender_open(const struct sentry_sender_options *options,
                                         struct text *problem)
{
    struct sentry_sender *sender = memory_new(sizeof(*sender));
    sender->backoff_first_ms = (uint32_t)or_default(options->backoff_first_ms, BACKOFF_FIRST_MS);
    sender->waiting = options->waiting;
    sender->owner = options->owner;
    sender->tell = options->tell;
    init_waiting(sender, options);
    sender->post = sentry_post_open(options->dsn, options->ca_file, options->ca_folder,
                                    (uint32_t)or_default(options->timeout_ms, TIMEOUT_MS));
    if (sender->post && thread_start(&sender->thread, NULL, deliver, sender) == 0)
        return sender;
    text_append_str(problem, "Sentry gets no events: there is no memory for libcurl, or no thread "
                             "to be had; give this program more memory, or more tasks");
    free_sender(sender);
    return NULL;
}

/* ---- for all threads --------------------------------------------------------------------------------- */

bool sentry_sender_put(struct sentry_sender *sender, const struct sentry_event *event)
{
    struct text envelope = TEXT_INIT;
    sentry_envelope_write(event, clock_wall_ns(), &envelope);
    pthread_mutex_lock(&sender->lock);
    bool is_limited = sentry_limits_hold(&sender->limits, clock_mono_ns());
    bool is_taken = !is_limited && sentry_queue_put(&sender->queue, &envelope);
    count_waiting(sender);
    if (is_taken)
        pthread_cond_broadcast(&sender->bell);
    else
        tell(sender, is_limited ? SENTRY_SENDER_DROPPED_RATE_LIMIT : SENTRY_SENDER_DROPPED_QUEUE,
             NULL);
    pthread_mutex_unlock(&sender->lock);
    text_fini(&envelope);
    return is_taken;
}

/* Its thread hangs: nobody hears of it any more. */
static void leave_behind(struct sentry_sender *sender)
{
    if (sender->is_sending)
        tell(sender, SENTRY_SENDER_DROPPED_ERROR, too_late);
    sender->tell = NULL;
    sender->waiting = NULL;
}

/* False: its thread did not end in time. */
static bool await_end(struct sentry_sender *sender, uint32_t patience_ms)
{
    pthread_mutex_lock(&sender->lock);
    sender->until_ns = clock_mono_ns() + patience_ms * MS_NS;
    uint64_t last_ns = sender->until_ns + LEAVE_BEHIND_MS * MS_NS;
    sentry_post_hurry(sender->post, sender->until_ns);
    pthread_cond_broadcast(&sender->bell);
    while (!sender->has_ended && clock_mono_ns() < last_ns)
        wait_until(sender, last_ns);
    bool has_ended = sender->has_ended;
    drop_all(sender, SENTRY_SENDER_DROPPED_ERROR, too_late);
    if (!has_ended)
        leave_behind(sender);
    pthread_mutex_unlock(&sender->lock);
    return has_ended;
}

bool sentry_sender_close(struct sentry_sender *sender, uint32_t patience_ms)
{
    if (!sender)
        return true;
    if (!await_end(sender, patience_ms)) {
        pthread_detach(sender->thread);
        return false;
    }
    pthread_join(sender->thread, NULL);
    free_sender(sender);
    return true;
}
