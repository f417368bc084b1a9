#include "lb/observe/noted.h"

#include <string.h>

/* Behind what would have room, no part of a character is left. */
static void copy(char *room, size_t size, struct view text)
{
    size_t len = text.len < size ? text.len : size - 1;
    while (len < text.len && len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    if (len > 0)
        memcpy(room, text.ptr, len);
    room[len] = '\0';
}

#define COPY(field, text) copy(noted->field, sizeof(noted->field), text)

/* "/a" of "/a?b", and of "http://a.test/a?b". */
static struct view path_of(struct view target)
{
    struct view path = view_cut(&target, '?');
    ptrdiff_t scheme = view_find(path, ':');
    if (path.len == 0 || path.ptr[0] == '/' || scheme < 0 ||
        !view_starts_with(view_skip(path, (size_t)scheme), VIEW("://")))
        return path;
    path = view_skip(path, (size_t)scheme + strlen("://"));
    ptrdiff_t slash = view_find(path, '/');
    return slash < 0 ? VIEW("/") : view_skip(path, (size_t)slash);
}

void noted_take(struct noted *noted, const struct record *record)
{
    *noted = (struct noted){.end_ns = record->start_wall_ns + record->total_ns,
                            .total_ns = record->total_ns,
                            .retried_after = record->retried_after & ~UINT64_C(1),
                            .kind = record->kind,
                            .end = record->end,
                            .status = record->status,
                            .attempt_count = record->attempt_count,
                            .is_by_tls = record->tls_version.len > 0};
    COPY(request_id, record->request_id);
    COPY(client, record->client_ip);
    COPY(listener, record->listener);
    COPY(route, record->route);
    COPY(service, record->service);
    COPY(endpoint_id, record->endpoint_own_id);
    COPY(endpoint_name, record->endpoint_name);
    COPY(method, record->method);
    COPY(host, record->host);
    COPY(path, path_of(record->target));
}
