#include "lb/http/identity.h"

#include "lb/http/chars.h"

/* All fixed texts, an address, and what an element of Forwarded is longer than its address. */
#define FIXED_BYTES   320
#define ELEMENT_BYTES 16

#define PORT_DIGITS_MAX 5

/* ---- what the client says -------------------------------------------------------------------- */

/* The values of all fields of that id, each followed by ", ". */
static void put_chain(const struct head *head, enum field_id id, struct head_writer *writer)
{
    for (unsigned i = 0; head->field_at[id] && i < head->field_count; i++) {
        struct view value = head_field_value(head, &head->fields[i]);
        if (head->fields[i].id == id && value.len > 0) {
            head_writer_put(writer, value);
            head_writer_put(writer, VIEW(", "));
        }
    }
}

/* What a trusted client said; else empty. */
static struct view believed(const struct head *head, const struct identity *identity,
                            enum field_id id)
{
    const struct field *field = identity->is_trusted ? head_find(head, id) : NULL;
    return field ? head_field_value(head, field) : view_of(NULL, 0);
}

static struct view or_own(struct view said, struct view own)
{
    return said.len > 0 ? said : own;
}

static struct view first_of(struct view list)
{
    return view_trim(view_cut(&list, ','));
}

static bool is_secure(struct view proto)
{
    proto = first_of(proto);
    return view_eq_nocase(proto, VIEW("https")) || view_eq_nocase(proto, VIEW("wss"));
}

static bool are_all(struct view text, bool (*is_good)(char c))
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_good(text.ptr[i]))
            return false;
    return text.len > 0;
}

/* ---- the port -------------------------------------------------------------------------------- */

/* The port that the client used, as far as it told: it stands in Host unless it is the scheme's. */
static struct view port_of(struct view host, bool is_by_tls)
{
    uint64_t port;
    host = first_of(host);
    size_t at = host.len;
    while (at > 0 && chars_is_digit(host.ptr[at - 1]))
        at--;
    struct view digits = view_skip(host, at);
    bool is_behind_colon = at > 1 && host.ptr[at - 1] == ':' &&
                           (host.ptr[at - 2] == ']' || view_find(host, ':') == (ptrdiff_t)at - 1);
    if (is_behind_colon && digits.len <= PORT_DIGITS_MAX &&
        view_parse_u64(digits, UINT16_MAX, &port))
        return digits;
    return is_by_tls ? VIEW("443") : VIEW("80");
}

/* ---- Forwarded ------------------------------------------------------------------------------- */

/* Whether each quote begins behind "=" and is closed, and what follows begins another parameter or
 * element: then lb's own element behind it is read as one. */
static bool is_whole(struct view value)
{
    bool is_quoted = false, is_behind_quote = false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (is_quoted) {
            i += c == '\\';
            is_quoted = c != '"';
            is_behind_quote = !is_quoted;
        } else if (c == '"') {
            if (is_behind_quote || i == 0 || value.ptr[i - 1] != '=')
                return false;
            is_quoted = true;
        } else if (c == ',' || c == ';') {
            is_behind_quote = false;
        } else if (is_behind_quote && c != ' ' && c != '\t') {
            return false;
        }
    }
    return !is_quoted;
}

static bool has_whole_chain(const struct head *head, const struct identity *identity)
{
    bool has_any = false;
    for (unsigned i = 0; head->field_at[FIELD_FORWARDED] && i < head->field_count; i++) {
        if (head->fields[i].id != FIELD_FORWARDED)
            continue;
        struct view value = head_field_value(head, &head->fields[i]);
        has_any |= value.len > 0;
        if (!is_whole(value))
            return false;
    }
    return has_any && identity->is_trusted;
}

/* A node (RFC 7239 § 6) of what X-Forwarded-For has; an IPv6 address stands in quotes and
 * brackets. */
static void put_node(struct view element, struct head_writer *writer)
{
    struct view ip = forwarded_for_ip(element);
    bool is_v6 = view_find(ip, ':') >= 0;
    head_writer_put(writer, is_v6 ? VIEW("for=\"[") : VIEW("for="));
    head_writer_put(writer, or_own(ip, VIEW("unknown")));
    head_writer_put(writer, is_v6 ? VIEW("]\"") : VIEW(""));
}

static void put_parameters(struct view proto, struct view host, struct head_writer *writer)
{
    head_writer_put(writer, VIEW(";proto="));
    head_writer_put(writer, proto);
    head_writer_put(writer, VIEW(";host=\""));
    head_writer_put(writer, host);
    head_writer_put(writer, VIEW("\""));
}

static bool is_of_scheme(char c)
{
    char lower = view_lower_char(c);
    return (lower >= 'a' && lower <= 'z') || chars_is_digit(c) || c == '+' || c == '-' || c == '.';
}

static bool is_of_host(char c)
{
    return chars_is_host(c) || c == ':' || c == '[' || c == ']';
}

/* The chain of X-Forwarded-For in other words (RFC 7239 § 7.4). Its first element is the client's,
 * and so are protocol and host. */
static void put_converted(const struct head *head, const struct identity *identity,
                          struct view chain, struct head_writer *writer)
{
    struct view proto = first_of(believed(head, identity, FIELD_X_FORWARDED_PROTO));
    struct view said_host = first_of(believed(head, identity, FIELD_X_FORWARDED_HOST));
    bool is_first = true;
    while (chain.ptr) {
        struct view element = view_trim(view_cut(&chain, ','));
        if (element.len == 0)
            continue;
        head_writer_put(writer, is_first ? VIEW("") : VIEW(", "));
        put_node(element, writer);
        if (is_first)
            put_parameters(are_all(proto, is_of_scheme) ? proto : identity->scheme,
                           are_all(said_host, is_of_host) ? said_host : identity->host, writer);
        is_first = false;
    }
}

static void put_forwarded(const struct head *head, const struct identity *identity,
                          struct view chain, struct head_writer *writer)
{
    if (!identity->adds_forwarded && !(identity->is_trusted && head_find(head, FIELD_FORWARDED)))
        return;
    head_writer_name(writer, VIEW("Forwarded"));
    if (has_whole_chain(head, identity)) {
        put_chain(head, FIELD_FORWARDED, writer);
        put_node(identity->client_ip, writer);
        put_parameters(identity->scheme, identity->host, writer);
    } else {
        put_converted(head, identity, chain, writer);
    }
    head_writer_end_line(writer);
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Of X-Forwarded-For, what the log has as the client; where that is no address, the nearest one
 * behind it that is. */
static struct view real_ip(struct view chain, const struct trust *trust, struct view own)
{
    struct view client = forwarded_for_client(chain, trust), ip = own;
    while (chain.ptr) {
        struct view element = forwarded_for_cut(&chain), found = forwarded_for_ip(element);
        ip = or_own(found, ip);
        if (element.ptr == client.ptr)
            break;
    }
    return ip;
}

static struct view client_of(const struct head *head, const struct identity *identity,
                             struct view chain)
{
    if (!identity->is_trusted)
        return identity->client_ip;
    struct view said = believed(head, identity, FIELD_X_REAL_IP);
    return said.len > 0 ? said : real_ip(chain, &identity->trust, identity->client_ip);
}

size_t identity_bound(const struct head *head, const struct identity *identity)
{
    size_t bytes = 3 * identity->host.len + 4 * identity->client_ip.len + FIXED_BYTES;
    if (!identity->is_trusted || !(identity->adds_forwarded || head_find(head, FIELD_FORWARDED)))
        return bytes;
    for (unsigned i = 0; i < head->field_count; i++) {
        struct view value = head_field_value(head, &head->fields[i]);
        bytes += 2 * ELEMENT_BYTES;
        for (size_t j = 0; head->fields[i].id == FIELD_X_FORWARDED_FOR && j < value.len; j++)
            bytes += value.ptr[j] == ',' ? ELEMENT_BYTES : 0;
    }
    return bytes + head->len; /* once as X-Forwarded-*, once as Forwarded */
}

struct view identity_put(const struct head *head, const struct identity *identity,
                         struct head_writer *writer, struct view *written_proto)
{
    struct view proto = or_own(believed(head, identity, FIELD_X_FORWARDED_PROTO), identity->scheme);
    bool is_by_tls = is_secure(proto);
    struct view said_host =
        or_own(believed(head, identity, FIELD_X_FORWARDED_HOST), identity->host);
    struct view port =
        or_own(believed(head, identity, FIELD_X_FORWARDED_PORT), port_of(said_host, is_by_tls));
    head_writer_name(writer, VIEW("X-Forwarded-For"));
    const char *chain_at = writer->at;
    if (identity->is_trusted)
        put_chain(head, FIELD_X_FORWARDED_FOR, writer);
    head_writer_put(writer, identity->client_ip);
    struct view chain = view_of(chain_at, (size_t)(writer->at - chain_at));
    head_writer_end_line(writer);
    *written_proto = head_writer_field(writer, VIEW("X-Forwarded-Proto"), proto);
    head_writer_field(writer, VIEW("X-Forwarded-Host"), said_host);
    head_writer_field(writer, VIEW("X-Forwarded-Port"), port);
    if (is_by_tls)
        head_writer_field(writer, VIEW("X-Forwarded-Ssl"), VIEW("on"));
    head_writer_field(writer, VIEW("X-Real-IP"), client_of(head, identity, chain));
    put_forwarded(head, identity, chain, writer);
    return chain;
}
