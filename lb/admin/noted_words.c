#include "lb/admin/noted_words.h"

#include "lb/admin/service_walk.h"
#include "lb/base/clock.h"

/* ---- where it came, and where it went -------------------------------------------------------- */

/* The only one of the protocol; NULL: there are several, and it is not known which. */
static const struct pool_page_door *find_door(const struct pool_page *page, const char *protocol)
{
    const struct pool_page_door *found = NULL;
    for (unsigned i = 0; i < page->door_count; i++) {
        if (strcmp(page->doors[i].protocol, protocol) != 0)
            continue;
        if (found)
            return NULL;
        found = &page->doors[i];
    }
    return found;
}

static void append_listener(const struct noted *noted, const struct pool_page *page,
                            struct text *out)
{
    char address[ADDRESS_TEXT_BYTES];
    const char *protocol = noted->is_by_tls ? "https" : "http";
    const struct pool_page_door *door = find_door(page, protocol);
    if (noted->listener[0])
        text_appendf(out, "%s/%s", noted->listener, noted->kind == RECORD_FLOW ? "udp" : "tcp");
    else if (door)
        text_appendf(out, "%s/%s", address_format(&door->at, address), protocol);
}

static void append_service(const struct noted *noted, struct text *out)
{
    enum service_kind kind = noted->kind == RECORD_CONNECTION ? SERVICE_TCP
                             : noted->kind == RECORD_FLOW     ? SERVICE_UDP
                                                              : SERVICE_HTTP;
    if (noted->service[0])
        service_walk_append_name_key(noted->service, kind, out);
}

static void write_places(const struct noted *noted, const struct pool_page *page,
                         struct json_writer *json)
{
    struct text listener = TEXT_INIT, service = TEXT_INIT, endpoint = TEXT_INIT;
    append_listener(noted, page, &listener);
    append_service(noted, &service);
    if (noted->endpoint_id[0])
        text_appendf(&endpoint, "%s %s", text_str(&service), noted->endpoint_id);
    json_writer_field_if_any(json, "listener", text_str(&listener));
    json_writer_field_if_any(json, "route", noted->route);
    json_writer_field_if_any(json, "service", text_str(&service));
    json_writer_field_if_any(json, "endpoint", text_str(&endpoint));
    json_writer_field_if_any(json, "name", noted->endpoint_name);
    text_fini(&listener);
    text_fini(&service);
    text_fini(&endpoint);
}

void noted_words_write(const struct noted *noted, const struct pool_page *page,
                       struct json_writer *json)
{
    char time[CLOCK_TEXT_BYTES];
    json_writer_field_str(json, "time", clock_format(noted->end_ns, time));
    json_writer_field_if_any(json, "request_id", noted->request_id);
    json_writer_field_if_any(json, "client", noted->client);
    write_places(noted, page, json);
    json_writer_field_if_any(json, "method", noted->method);
    json_writer_field_if_any(json, "host", noted->host);
    json_writer_field_if_any(json, "path", noted->path);
    json_writer_field_uint(json, "status", noted->status);
    json_writer_field_str(json, "end", err_word(noted->end));
    json_writer_key(json, "ms");
    json_writer_rounded(json, (double)noted->total_ns / 1e6);
    json_writer_field_uint(json, "attempts", noted->attempt_count);
}

/* ---- how it ended ---------------------------------------------------------------------------- */

static void append_duration(uint64_t total_ns, struct text *out)
{
    if (total_ns >= UINT64_C(1000000000))
        text_appendf(out, " after %.1f s", (double)total_ns / 1e9);
    else
        text_appendf(out, total_ns < 10000000 ? " after %.2g ms" : " after %.0f ms",
                     (double)total_ns / 1e6);
}

/* The sentence of an error is one for clients, with a full stop. */
static void append_error(const struct noted *noted, struct text *out)
{
    text_append_str(out, err_sentence(noted->end));
    if (out->len > 0 && out->bytes[out->len - 1] == '.')
        out->bytes[--out->len] = '\0';
    append_duration(noted->total_ns, out);
    if (noted->status > 0 && noted->kind == RECORD_REQUEST)
        text_appendf(out, "; the client got %u", noted->status);
}

static void append_end(const struct noted *noted, struct text *out)
{
    if (noted->end != ERR_OK)
        append_error(noted, out);
    else if (noted->status > 0)
        text_appendf(out, "The server answered %u", noted->status);
    else
        text_append_str(out, "It ended well");
    if (noted->end == ERR_OK)
        append_duration(noted->total_ns, out);
    if (noted->attempt_count > 1)
        text_appendf(out, ", at attempt %u", noted->attempt_count);
    text_append_char(out, '.');
}

void noted_words_write_end(const struct noted *noted, struct json_writer *json)
{
    struct text sentence = TEXT_INIT;
    append_end(noted, &sentence);
    json_writer_field_str(json, "sentence", text_str(&sentence));
    text_fini(&sentence);
    if (noted->retried_after == 0)
        return;
    json_writer_key(json, "retried_after");
    json_writer_begin_array(json);
    for (unsigned i = 0; i < ERR_COUNT; i++)
        if (noted->retried_after >> i & 1)
            json_writer_str(json, err_word((enum err)i));
    json_writer_end_array(json);
}
