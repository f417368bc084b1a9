#include "lb/crew/worker.h"

#include <stdlib.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/base/thread.h"
#include "lb/crew/complaints.h"
#include "lb/net/own_fault.h"
#include "lb/policy/library.h"
#include "lb/proxy/proxy.h"
#include "lb/proxy/snapshot.h"

static void on_uv_doorbell(uv_async_t *doorbell);
static void on_last_call(struct deadline *last_call);
static void on_end(struct deadline *end);
static void on_uv_prepare(uv_prepare_t *prepare);

struct worker *worker_new(struct settings *settings, unsigned index, uv_async_t *on_done)
{
    struct worker *worker = aligned_alloc(64, (sizeof(*worker) + 63) / 64 * 64);
    if (!worker)
        abort();
    memset(worker, 0, sizeof(*worker));
    if (loop_init(&worker->loop) < 0) {
        free(worker);
        return NULL;
    }
    worker->index = index;
    worker->on_done = on_done;
    worker->settings = settings_ref(settings);
    proxy_init(&worker->env, &worker->loop, &settings->options, index);
    worker->env.on_own_fault = own_fault_in_connecting;
    worker->env.on_doubt = complaints_of_doubt;
    worker->env.fleet.on_complaint = complaints_say;
    worker->env.crowd.on_full = own_fault_full;
    worker->env.crowd.on_crowded = own_fault_crowded;
    worker->env.crowd.on_failed_handshake = complaints_of_handshake;
    gateway_init(&worker->gateway, &worker->env, index);
    uv_async_init(&worker->loop.uv, &worker->doorbell, on_uv_doorbell);
    uv_prepare_init(&worker->loop.uv, &worker->before_poll);
    deadline_init(&worker->last_call, on_last_call);
    deadline_init(&worker->end, on_end);
    return worker;
}

static void on_connection(void *owner, struct listener *listener)
{
    struct worker_door *door = owner;
    proxy_accept(&door->worker->env, listener);
}

static void on_tls_connection(void *owner, struct listener *listener)
{
    struct worker_door *door = owner;
    proxy_accept_tls(&door->worker->env, listener, &door->at);
}

static struct worker_door *add_door(struct worker *worker, int fd, bool is_lasting)
{
    struct worker_door *door = memory_new(sizeof(*door));
    door->worker = worker;
    door->listener.fd = fd;
    door->listener.is_lasting = is_lasting;
    worker->doors =
        memory_resize(worker->doors, (worker->door_count + 1) * sizeof(struct worker_door *));
    worker->doors[worker->door_count++] = door;
    return door;
}

void worker_listen(struct worker *worker, int fd, bool is_lasting)
{
    add_door(worker, fd, is_lasting);
}

void worker_listen_tls(struct worker *worker, int fd, const struct address *at, bool is_lasting)
{
    struct worker_door *door = add_door(worker, fd, is_lasting);
    door->at = *at;
    door->has_tls = true;
}

static void open_doors(struct worker *worker)
{
    for (unsigned i = 0; i < worker->door_count; i++) {
        struct worker_door *door = worker->doors[i];
        struct listener *listener = &door->listener;
        int fd = listener->fd;
        bool is_lasting = listener->is_lasting;
        listener->fd = -1;
        int rc = listener_open(listener, &worker->loop, fd,
                               door->has_tls ? on_tls_connection : on_connection, door);
        listener->on_own_fault = own_fault_in_accepting;
        listener->is_lasting = is_lasting;
        if (rc < 0)
            log_error("worker %u cannot accept: %s", worker->index, uv_strerror(rc));
    }
    worker->has_opened = true;
}

static void free_doors(struct worker *worker)
{
    for (unsigned i = 0; i < worker->door_count; i++) {
        if (!worker->has_opened)
            close(worker->doors[i]->listener.fd);
        free(worker->doors[i]);
    }
    free(worker->doors);
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    uv_run(&worker->loop.uv, UV_RUN_DEFAULT);
    atomic_store(&worker->is_done, true);
    uv_async_send(worker->on_done);
    return NULL;
}

int worker_start(struct worker *worker)
{
    return -thread_start(&worker->thread, NULL, run, worker);
}

void worker_offer(struct worker *worker, struct pool *pool)
{
    pool_slot_offer(&worker->env.slot, pool);
}

void worker_call(struct worker *worker)
{
    uv_async_send(&worker->doorbell);
}

void worker_ring(struct worker *worker)
{
    atomic_store(&worker->has_news, true);
    uv_async_send(&worker->doorbell);
}

void worker_configure(struct worker *worker, struct settings *settings)
{
    struct settings *missed =
        atomic_exchange_explicit(&worker->offered, settings_ref(settings), memory_order_acq_rel);
    settings_unref(missed);
    worker_ring(worker);
}

void worker_lend(struct worker *worker, struct library *library)
{
    library_ref(library);
    if (!worker->thread) {
        proxy_take_library(&worker->env, library);
        return;
    }
    library_unref(atomic_exchange_explicit(&worker->lent, library, memory_order_acq_rel));
    worker_ring(worker);
}

void worker_certify(struct worker *worker, struct tls_store *store)
{
    tls_store_ref(store);
    if (!worker->thread) {
        proxy_take_certificates(&worker->env, store);
        return;
    }
    tls_store_unref(atomic_exchange_explicit(&worker->certified, store, memory_order_acq_rel));
    worker_ring(worker);
}

void worker_give(struct worker *worker, struct listener_set *set)
{
    listener_set_ref(set);
    listener_set_unref(atomic_exchange_explicit(&worker->given, set, memory_order_acq_rel));
    worker_ring(worker);
}

void worker_serve(struct worker *worker)
{
    atomic_store(&worker->is_to_serve, true);
    worker_ring(worker);
}

void worker_yield(struct worker *worker)
{
    atomic_store(&worker->is_to_yield, true);
    worker_ring(worker);
}

void worker_tell(struct worker *worker, enum worker_command command)
{
    atomic_store(&worker->command, command);
    worker_ring(worker);
}

/* Nobody new; who is about to be accepted by the kernel still is. */
static void call_last(struct worker *worker)
{
    for (unsigned i = 0; i < worker->door_count; i++)
        listener_stop_handshakes(&worker->doors[i]->listener);
    gateway_stop_handshakes(&worker->gateway);
    proxy_leave(&worker->env);
    deadline_arm(&worker->loop.deadlines, &worker->last_call, LISTENER_HANDSHAKE_MS);
}

static void finish_listeners(struct worker *worker)
{
    for (unsigned i = 0; i < worker->door_count; i++)
        listener_finish(&worker->doors[i]->listener);
    gateway_finish(&worker->gateway);
}

static void close_listeners(struct worker *worker)
{
    for (unsigned i = 0; i < worker->door_count; i++)
        listener_close(&worker->doors[i]->listener);
    gateway_close(&worker->gateway);
}

/* Who waits at the door is the successor's. */
static void yield(struct worker *worker)
{
    for (unsigned i = 0; i < worker->door_count; i++)
        listener_close(&worker->doors[i]->listener);
    gateway_yield(&worker->gateway);
    proxy_leave(&worker->env);
    atomic_store(&worker->has_yielded, true);
    uv_async_send(worker->on_done);
}

/* What has come by now is still taken. */
static void close_after_poll(struct worker *worker)
{
    deadline_arm(&worker->loop.deadlines, &worker->end, 0);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* The loop ends by itself once nothing is open. */
static void close_worker(struct worker *worker)
{
    deadline_disarm(&worker->last_call);
    deadline_disarm(&worker->end);
    close_listeners(worker);
    proxy_close(&worker->env);
    close_handle((uv_handle_t *)&worker->doorbell);
    close_handle((uv_handle_t *)&worker->before_poll);
}

void worker_join(struct worker *worker)
{
    if (worker->thread)
        uv_thread_join(&worker->thread);
    worker->thread = 0;
}

void worker_free(struct worker *worker)
{
    worker_join(worker);
    close_worker(worker);
    loop_fini(&worker->loop);
    proxy_fini(&worker->env);
    settings_unref(atomic_load(&worker->offered));
    library_unref(atomic_load(&worker->lent));
    tls_store_unref(atomic_load(&worker->certified));
    listener_set_unref(atomic_load(&worker->given));
    settings_unref(worker->settings);
    free_doors(worker);
    free(worker);
}

/* ---- in the thread -------------------------------------------------------------------------- */

static void take_settings(struct worker *worker)
{
    struct settings *next = atomic_exchange_explicit(&worker->offered, NULL, memory_order_acq_rel);
    if (!next)
        return;
    struct text problem = TEXT_INIT;
    proxy_configure(&worker->env, &next->options);
    if (!proxy_speak_tls(&worker->env, &next->options.tls, &problem))
        log_error("worker %u goes on to speak TLS as before: %s", worker->index,
                  text_str(&problem));
    text_fini(&problem);
    settings_unref(worker->settings);
    worker->settings = next;
}

static void take_library(struct worker *worker)
{
    struct library *next = atomic_exchange_explicit(&worker->lent, NULL, memory_order_acq_rel);
    if (next)
        proxy_take_library(&worker->env, next);
}

static void take_certificates(struct worker *worker)
{
    struct tls_store *next =
        atomic_exchange_explicit(&worker->certified, NULL, memory_order_acq_rel);
    if (next)
        proxy_take_certificates(&worker->env, next);
}

/* What they lead to was offered before they were given. */
static void take_listeners(struct worker *worker)
{
    struct listener_set *set = atomic_exchange_explicit(&worker->given, NULL, memory_order_acq_rel);
    proxy_refresh(&worker->env);
    if (set)
        gateway_take(&worker->gateway, set);
    listener_set_unref(set);
}

/* Whatever it was told since then. */
static void take_turn(struct worker *worker)
{
    if (atomic_load(&worker->is_to_serve) && !worker->has_opened)
        open_doors(worker);
    if (atomic_load(&worker->is_to_yield) && !atomic_load(&worker->has_yielded))
        yield(worker);
}

static void take_news(struct worker *worker)
{
    enum worker_command command = atomic_load(&worker->command);
    take_settings(worker);
    take_library(worker);
    take_certificates(worker);
    take_listeners(worker);
    take_turn(worker);
    if (command == worker->obeyed)
        return;
    worker->obeyed = command;
    if (command == WORKER_LEAVING) {
        proxy_leave(&worker->env);
    } else if (command == WORKER_DRAIN) {
        call_last(worker);
    } else if (command == WORKER_CLOSE) {
        close_after_poll(worker);
    }
}

static void note_load(struct worker *worker)
{
    atomic_store_explicit(&worker->load.buffer_bytes, worker->loop.blocks.used_bytes,
                          memory_order_relaxed);
    atomic_store_explicit(&worker->load.cpu_ns, clock_thread_ns(), memory_order_relaxed);
}

static void on_uv_doorbell(uv_async_t *doorbell)
{
    struct worker *worker = list_entry(doorbell, struct worker, doorbell);
    if (atomic_exchange(&worker->has_news, false))
        take_news(worker);
    if (atomic_exchange_explicit(&worker->load.is_asked, false, memory_order_relaxed))
        note_load(worker);
    atomic_store_explicit(&worker->is_asked, false, memory_order_release);
    proxy_serve(&worker->env);
}

static void on_last_call(struct deadline *last_call)
{
    struct worker *worker = list_entry(last_call, struct worker, last_call);
    uv_prepare_start(&worker->before_poll, on_uv_prepare);
}

static void on_end(struct deadline *end)
{
    close_worker(list_entry(end, struct worker, end));
}

/* Runs between the turns of the loop. At first, the connections that wait at the listeners are
 * taken; a turn later, the requests that had come have been read; and those that were closing are
 * gone (libuv tells of that last in a turn). */
static void on_uv_prepare(uv_prepare_t *prepare)
{
    struct worker *worker = list_entry(prepare, struct worker, before_poll);
    finish_listeners(worker);
    if (worker->has_stopped_listening)
        proxy_drain(&worker->env);
    else
        worker_call(
            worker); /* there is a next turn, also of one that has yielded and had nothing to close */
    worker->has_stopped_listening = true;
    if (worker->env.crowd.is_draining && !proxy_is_busy(&worker->env))
        close_worker(worker);
}
