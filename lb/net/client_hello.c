#include "lb/net/client_hello.h"

#include "lb/base/address.h"
#include "lb/net/record_cursor.h"

#define TYPE_HANDSHAKE        22u
#define VERSION_MAJOR         3
#define FRAGMENT_BYTES_MAX    16384u /* RFC 8446 § 5.1 */
#define TYPE_CLIENT_HELLO     1u
#define MESSAGE_HEAD_BYTES    4u
#define VERSION_BYTES         2u
#define RANDOM_BYTES          32u
#define EXTENSION_SERVER_NAME 0u
#define EXTENSION_ALPN        16u
#define NAME_TYPE_HOST        0u
#define LABEL_BYTES_MAX       63u

static const char too_long[] = "the hello is longer than 16384 bytes";

/* ---- the server's name ------------------------------------------------------------------------ */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* "_" is no letter of host names, but containers and their compose files have it. */
static bool is_host_name(struct view name)
{
    while (name.ptr) {
        struct view label = view_cut(&name, '.');
        if (label.len == 0 || label.len > LABEL_BYTES_MAX)
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!is_name_char(label.ptr[i]))
                return false;
    }
    return true;
}

static bool is_ip(struct view name)
{
    struct address ip;
    return address_parse_ip(name, 0, &ip);
}

/* An address is not permitted here (RFC 6066 § 3); some tell one nevertheless, and ask for no name. */
static const char *note_name(struct client_hello *hello, size_t len)
{
    struct view name = view_of(hello->name_room, len);
    for (size_t i = 0; i < len; i++)
        hello->name_room[i] = view_lower_char(hello->name_room[i]);
    if (name.len > 1 && name.ptr[name.len - 1] == '.')
        name.len--;
    if (is_ip(name))
        return NULL;
    if (!is_host_name(name))
        return "the name of the server is no host name";
    hello->server_name = name;
    return NULL;
}

static const char *read_name(struct client_hello *hello, struct record_cursor name)
{
    size_t len = name.left_bytes;
    if (len == 0 || len > sizeof(hello->name_room))
        return "the name of the server is empty, or longer than 253 bytes";
    record_cursor_copy(&name, hello->name_room, len);
    return note_name(hello, len);
}

static const char *read_server_name(struct client_hello *hello, struct record_cursor *extension)
{
    struct record_cursor list = record_cursor_cut(extension, record_cursor_number(extension, 2));
    bool has_name = false;
    if (list.left_bytes == 0 || extension->left_bytes > 0)
        return "the list of server names is malformed";
    while (list.left_bytes > 0) {
        unsigned type = record_cursor_number(&list, 1);
        struct record_cursor name = record_cursor_cut(&list, record_cursor_number(&list, 2));
        if (list.is_short)
            return "the list of server names is malformed";
        if (type != NAME_TYPE_HOST)
            continue;
        if (has_name)
            return "two servers are named";
        const char *problem = read_name(hello, name);
        if (problem)
            return problem;
        has_name = true;
    }
    return NULL;
}

/* ---- the protocols ---------------------------------------------------------------------------- */

static const char *read_alpn(struct client_hello *hello, struct record_cursor *extension)
{
    struct record_cursor list = record_cursor_cut(extension, record_cursor_number(extension, 2));
    char *to = hello->alpn_room;
    if (list.left_bytes == 0 || extension->left_bytes > 0)
        return "the list of protocols is malformed";
    if (list.left_bytes > sizeof(hello->alpn_room))
        return "the names of protocols are longer than 512 bytes";
    while (list.left_bytes > 0) {
        unsigned len = record_cursor_number(&list, 1);
        if (hello->alpn_count == CLIENT_HELLO_ALPN_COUNT_MAX)
            return "more than 32 protocols are named";
        if (len == 0 || len > list.left_bytes)
            return "the list of protocols is malformed";
        record_cursor_copy(&list, to, len);
        hello->alpn[hello->alpn_count++] = view_of(to, len);
        to += len;
    }
    return NULL;
}

/* ---- the message ------------------------------------------------------------------------------- */

/* Each extension may be there once (RFC 8446 § 4.2): whoever reads the first of two and whoever reads
 * the last would not agree. */
struct extensions {
    bool has_server_name, has_alpn;
};

static const char *read_extension(struct client_hello *hello, struct extensions *seen,
                                  unsigned type, struct record_cursor *body)
{
    bool *has = type == EXTENSION_SERVER_NAME ? &seen->has_server_name
                : type == EXTENSION_ALPN      ? &seen->has_alpn
                                              : NULL;
    if (!has)
        return NULL;
    if (*has)
        return "an extension is there twice";
    *has = true;
    return type == EXTENSION_ALPN ? read_alpn(hello, body) : read_server_name(hello, body);
}

static const char *read_extensions(struct client_hello *hello, struct record_cursor *list)
{
    struct extensions seen = {0};
    while (list->left_bytes > 0) {
        unsigned type = record_cursor_number(list, 2);
        struct record_cursor body = record_cursor_cut(list, record_cursor_number(list, 2));
        const char *problem = list->is_short ? "an extension is longer than the hello"
                                             : read_extension(hello, &seen, type, &body);
        if (problem)
            return problem;
    }
    return NULL;
}

/* Old clients say nothing behind the compression methods. */
static const char *read_message(struct client_hello *hello, struct record_cursor message)
{
    record_cursor_cut(&message, MESSAGE_HEAD_BYTES + VERSION_BYTES + RANDOM_BYTES);
    record_cursor_cut(&message, record_cursor_number(&message, 1)); /* session */
    record_cursor_cut(&message, record_cursor_number(&message, 2)); /* cipher suites */
    record_cursor_cut(&message, record_cursor_number(&message, 1)); /* compression methods */
    if (message.is_short)
        return "the hello is too short";
    if (message.left_bytes == 0)
        return NULL;
    struct record_cursor list = record_cursor_cut(&message, record_cursor_number(&message, 2));
    if (message.is_short || message.left_bytes > 0)
        return "the extensions are not as long as the hello";
    return read_extensions(hello, &list);
}

/* ---- the records ------------------------------------------------------------------------------- */

static bool is_beginning(struct view bytes)
{
    return (bytes.len < 1 || (unsigned char)bytes.ptr[0] == TYPE_HANDSHAKE) &&
           (bytes.len < 2 || bytes.ptr[1] == VERSION_MAJOR);
}

static const char *check_head(const char *head, size_t at)
{
    unsigned len = record_cursor_fragment_bytes(head);
    if ((unsigned char)head[0] != TYPE_HANDSHAKE || head[1] != VERSION_MAJOR)
        return "another record stands in the hello";
    if (len == 0 || len > FRAGMENT_BYTES_MAX)
        return "a record is empty, or longer than a record can be";
    if (at + RECORD_CURSOR_HEAD_BYTES + len > CLIENT_HELLO_BYTES_MAX)
        return too_long;
    return NULL;
}

/* Its type and length, once they are there. */
static const char *note_wanted(struct client_hello_progress *progress, struct view bytes)
{
    struct record_cursor head = record_cursor_of(bytes.ptr, MESSAGE_HEAD_BYTES);
    if (progress->wanted_bytes > 0 || progress->message_bytes < MESSAGE_HEAD_BYTES)
        return NULL;
    if (record_cursor_number(&head, 1) != TYPE_CLIENT_HELLO)
        return "the first message is no hello of a client";
    progress->wanted_bytes = MESSAGE_HEAD_BYTES + record_cursor_number(&head, 3);
    return progress->wanted_bytes > CLIENT_HELLO_BYTES_MAX ? too_long : NULL;
}

static bool is_whole(const struct client_hello_progress *progress)
{
    return progress->wanted_bytes > 0 && progress->message_bytes >= progress->wanted_bytes;
}

/* Goes over the records that are all there, each once. */
static const char *walk(struct client_hello_progress *progress, struct view bytes)
{
    const char *problem = NULL;
    while (!problem && !is_whole(progress) &&
           progress->record_at + RECORD_CURSOR_HEAD_BYTES <= bytes.len) {
        const char *head = bytes.ptr + progress->record_at;
        unsigned len = record_cursor_fragment_bytes(head);
        problem = check_head(head, progress->record_at);
        if (problem || progress->record_at + RECORD_CURSOR_HEAD_BYTES + len > bytes.len)
            break;
        progress->record_at += RECORD_CURSOR_HEAD_BYTES + len;
        progress->message_bytes += len;
        problem = note_wanted(progress, bytes);
    }
    return problem;
}

enum client_hello_result client_hello_read(struct client_hello_progress *progress,
                                           struct view bytes, struct client_hello *hello)
{
    if (!is_beginning(bytes))
        return CLIENT_HELLO_NOT_TLS;
    const char *problem = walk(progress, bytes);
    if (!problem && !is_whole(progress)) {
        if (bytes.len < CLIENT_HELLO_BYTES_MAX)
            return CLIENT_HELLO_MORE;
        problem = too_long;
    }
    memset(hello, 0, sizeof(*hello));
    if (!problem)
        problem = read_message(hello, record_cursor_of(bytes.ptr, progress->wanted_bytes));
    hello->problem = problem;
    return problem ? CLIENT_HELLO_WRONG : CLIENT_HELLO_DONE;
}
