#include "lb/admin/live_about.h"

#include <stdio.h>

#include "lb/admin/default_route.h"
#include "lb/base/clock.h"

static void look_at_process(const struct live_frame *frame, const char *host)
{
    const struct process_facts *process = frame->page->process;
    struct json_writer *json = live_differ_value(frame->differ);
    char started[CLOCK_TEXT_BYTES];
    json_writer_begin_object(json);
    json_writer_field_str(json, "name", "lb");
    json_writer_field_str(json, "host", host);
    json_writer_field_str(json, "version", LB_VERSION);
    json_writer_field_uint(json, "workers", frame->page->worker_count);
    if (process) {
        json_writer_field_uint(json, "pid", (uint64_t)process->pid);
        if (process->started_ns > 0)
            json_writer_field_str(json, "started", clock_format(process->started_ns, started));
        json_writer_field_str(json, "jail", process->jail);
        json_writer_key(json, "process");
        process_facts_write(process, json);
    }
    json_writer_end_object(json);
    live_differ_put(frame->differ, "about");
}

static void look_at_source(const struct live_frame *frame)
{
    pool_page_write_discovery(frame->page, false, live_differ_value(frame->differ));
    live_differ_put(frame->differ, "source");
}

/* ---- listeners ------------------------------------------------------------------------------- */

static void put_listener(const struct live_frame *frame, const char *protocol,
                         const struct address *at, const char *state, const char *detail)
{
    char address[ADDRESS_TEXT_BYTES], key[ADDRESS_TEXT_BYTES + 16];
    struct json_writer *json = live_differ_value(frame->differ);
    address_format(at, address);
    snprintf(key, sizeof(key), "%s/%s", address, protocol);
    json_writer_begin_object(json);
    json_writer_field_str(json, "protocol", protocol);
    json_writer_field_str(json, "address", address);
    json_writer_field_str(json, "state", state);
    json_writer_field_if_any(json, "detail", detail);
    json_writer_end_object(json);
    live_differ_put_entry(frame->differ, "listeners", key);
}

/* One that ends TLS is that of a door, too. */
static void look_at_listeners(const struct live_frame *frame)
{
    const struct pool_page *page = frame->page;
    for (unsigned i = 0; i < page->door_count; i++)
        put_listener(frame, page->doors[i].protocol, &page->doors[i].at, "open", "");
    for (unsigned i = 0; page->listeners && i < page->listeners->count; i++) {
        const struct listener_standing *standing = page->listeners->all[i];
        if (!standing->ends_tls)
            put_listener(frame, service_kind_word(standing->kind), &standing->at,
                         listener_state_word(standing->state), standing->why);
    }
    live_differ_end_map(frame->differ, "listeners");
}

/* ---- routes and certificates: enough to know when their pages are to be asked anew ------------ */

static void look_at_routes(const struct live_frame *frame)
{
    const struct pool_page *page = frame->page;
    const struct route_table *table = page->pool ? page->pool->routes.table : NULL;
    struct json_writer *json = live_differ_value(frame->differ);
    struct text rule = TEXT_INIT;
    default_route_append(page->membership, &rule);
    json_writer_begin_object(json);
    json_writer_field_uint(json, "version", page->pool ? page->pool->version : 0);
    json_writer_field_uint(json, "count", table ? table->count : 0);
    json_writer_field_str(json, "default", text_str(&rule));
    json_writer_field_str(json, "service", page->membership->service);
    json_writer_field_bool(json, "shutting_down", page->is_shutting_down);
    json_writer_end_object(json);
    live_differ_put(frame->differ, "routes");
    text_fini(&rule);
}

static void write_certificates(const struct certs_picture *picture, struct json_writer *json)
{
    json_writer_begin_object(json);
    json_writer_field_uint(json, "count", tls_store_count(picture->store));
    json_writer_field_uint(json, "refused_count", picture->refused_count);
    json_writer_field_uint(json, "reads", picture->read_count);
    json_writer_field_uint(json, "changed_s", (uint64_t)picture->changed_s);
    json_writer_end_object(json);
}

static void look_at_certificates(const struct live_frame *frame)
{
    struct json_writer *json = live_differ_value(frame->differ);
    if (frame->page->certificates)
        write_certificates(frame->page->certificates, json);
    else
        json_writer_null(json);
    live_differ_put(frame->differ, "certificates");
}

void live_about_look(const struct live_frame *frame, const char *host)
{
    look_at_process(frame, host);
    look_at_source(frame);
    look_at_listeners(frame);
    look_at_routes(frame);
    look_at_certificates(frame);
}
