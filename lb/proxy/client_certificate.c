#include "lb/proxy/client_certificate.h"

#include "lb/http/head_writer.h"

#define VALUE_BYTES_MAX 1024u
#define LINE_COUNT      3u

/* Bytes that a field's value has, and no more than it may have. */
static void put_value(struct head_writer *writer, struct view value)
{
    size_t len = value.len < VALUE_BYTES_MAX ? value.len : VALUE_BYTES_MAX;
    for (size_t i = 0; i < len; i++) {
        bool is_plain = value.ptr[i] >= ' ' && value.ptr[i] <= '~';
        head_writer_put(writer, is_plain ? view_of(value.ptr + i, 1) : VIEW("?"));
    }
}

static void put_line(struct head_writer *writer, struct view name, struct view value)
{
    if (value.len == 0)
        return;
    head_writer_name(writer, name);
    put_value(writer, value);
    head_writer_end_line(writer);
}

static void put_verdict(struct head_writer *writer, const struct tls_session_facts *facts)
{
    head_writer_name(writer, VIEW("X-SSL-Client-Verify"));
    if (facts->client == TLS_CLIENT_VALID)
        head_writer_put(writer, VIEW("SUCCESS"));
    else
        head_writer_put(writer, facts->client == TLS_CLIENT_NONE ? VIEW("NONE") : VIEW("FAILED:"));
    if (facts->client == TLS_CLIENT_INVALID)
        put_value(writer, facts->client_problem);
    head_writer_end_line(writer);
}

struct block *client_certificate_lines(const struct tls_session_facts *facts,
                                       struct block_pool *blocks)
{
    if (facts->client == TLS_CLIENT_NOT_ASKED)
        return NULL;
    struct block *lines =
        block_take(blocks, LINE_COUNT * (VALUE_BYTES_MAX + HEAD_WRITER_LINE_BYTES + 64));
    struct head_writer writer = head_writer_in(lines);
    put_verdict(&writer, facts);
    put_line(&writer, VIEW("X-SSL-Client-S-DN"), facts->client_subject);
    put_line(&writer, VIEW("X-SSL-Client-Fingerprint"), facts->client_fingerprint);
    lines->len = (size_t)(writer.at - lines->bytes);
    return lines;
}
