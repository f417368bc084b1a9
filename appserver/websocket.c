#include "appserver/websocket.h"

#include "appserver/sha1.h"
#include "lb/base/utf8.h"

#define KEY_BYTES 24 /* 16 bytes in base64 */

#define FIN_BIT       0x80
#define RESERVED_BITS 0x70
#define MASK_BIT      0x80
#define CONTROL_BIT   0x08

enum opcode {
    OPCODE_CONTINUATION = 0,
    OPCODE_TEXT = 1,
    OPCODE_BINARY = 2,
    OPCODE_CLOSE = 8,
    OPCODE_PING = 9,
    OPCODE_PONG = 10,
};

enum close_code {
    CLOSE_PROTOCOL_ERROR = 1002,
    CLOSE_NOT_UTF8 = 1007,
    CLOSE_TOO_LARGE = 1009,
};

/* ---- handshake ------------------------------------------------------------------------------ */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool websocket_is_key(struct view key)
{
    if (key.len != KEY_BYTES || key.ptr[KEY_BYTES - 2] != '=' || key.ptr[KEY_BYTES - 1] != '=')
        return false;
    for (size_t i = 0; i < KEY_BYTES - 2; i++)
        if (key.ptr[i] == '\0' || !strchr(base64_digits, key.ptr[i]))
            return false;
    return true;
}

/* 20 bytes are six groups of three and a last one of two, which is why one '=' ends them. */
void websocket_accept(struct view key, char accept[WEBSOCKET_ACCEPT_BYTES])
{
    unsigned char digest[SHA1_BYTES + 1] = {0};
    struct text joined = TEXT_INIT;
    text_append(&joined, key);
    text_append_str(&joined, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    sha1_of(text_view(&joined), digest);
    text_fini(&joined);
    for (unsigned group = 0; group < 7; group++) {
        const unsigned char *from = digest + 3 * group;
        uint32_t bits = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
        for (unsigned i = 0; i < 4; i++)
            accept[4 * group + i] = base64_digits[bits >> (18 - 6 * i) & 63];
    }
    accept[WEBSOCKET_ACCEPT_BYTES - 2] = '=';
    accept[WEBSOCKET_ACCEPT_BYTES - 1] = '\0';
}

/* ---- frames out ----------------------------------------------------------------------------- */

/* The head of a frame, which the server does not mask (§ 5.1), with its length in the shortest
 * form. */
static void put_head(struct websocket *socket, unsigned char first, uint64_t payload_bytes)
{
    unsigned length_bytes = payload_bytes < 126 ? 0 : payload_bytes <= UINT16_MAX ? 2 : 8;
    text_append_char(&socket->output, (char)first);
    if (length_bytes == 0)
        text_append_char(&socket->output, (char)payload_bytes);
    else
        text_append_char(&socket->output, length_bytes == 2 ? 126 : 127);
    for (unsigned i = length_bytes; i > 0; i--)
        text_append_char(&socket->output, (char)(payload_bytes >> 8 * (i - 1)));
}

static void put_close(struct websocket *socket, struct view payload)
{
    put_head(socket, FIN_BIT | OPCODE_CLOSE, payload.len);
    text_append(&socket->output, payload);
    socket->is_over = true;
}

static void fail(struct websocket *socket, enum close_code code)
{
    char payload[2] = {(char)(code >> 8), (char)(code & 0xFF)};
    put_close(socket, view_of(payload, sizeof(payload)));
}

/* ---- frames in ------------------------------------------------------------------------------ */

static unsigned opcode_of(const struct websocket *socket)
{
    return socket->head[0] & 0x0F;
}

/* How long the head is, as far as its bytes tell by now. */
static size_t head_bytes(const struct websocket *socket)
{
    if (socket->head_len < 2)
        return 2;
    unsigned length = socket->head[1] & 0x7F;
    size_t length_bytes = length < 126 ? 0 : length == 126 ? 2 : 8;
    return 2 + length_bytes + sizeof(socket->mask);
}

static bool is_valid_start(const struct websocket *socket)
{
    unsigned opcode = opcode_of(socket);
    if (socket->head[0] & RESERVED_BITS || !(socket->head[1] & MASK_BIT))
        return false;
    if (opcode & CONTROL_BIT)
        return opcode <= OPCODE_PONG && socket->head[0] & FIN_BIT &&
               (socket->head[1] & 0x7F) <= WEBSOCKET_CONTROL_MAX_BYTES;
    return opcode <= OPCODE_BINARY && (opcode == OPCODE_CONTINUATION) == socket->in_message;
}

/* Reads the length and the mask. Gives 0, or the code to close with. */
static unsigned read_length(struct websocket *socket)
{
    size_t mask_at = head_bytes(socket) - sizeof(socket->mask);
    uint64_t length = socket->head[1] & 0x7F;
    if (mask_at > 2) {
        length = 0;
        for (size_t i = 2; i < mask_at; i++)
            length = length << 8 | socket->head[i];
        uint64_t shortest = mask_at == 4 ? 126 : UINT16_MAX + 1;
        if (length < shortest || length > INT64_MAX)
            return CLOSE_PROTOCOL_ERROR;
    }
    if (length > WEBSOCKET_FRAME_MAX_BYTES)
        return CLOSE_TOO_LARGE;
    memcpy(socket->mask, socket->head + mask_at, sizeof(socket->mask));
    socket->payload_bytes = length;
    socket->payload_got = 0;
    return 0;
}

static void begin_payload(struct websocket *socket)
{
    unsigned code = read_length(socket);
    if (code != 0) {
        fail(socket, (enum close_code)code);
        return;
    }
    unsigned opcode = opcode_of(socket);
    socket->in_payload = true;
    if (opcode == OPCODE_PING)
        put_head(socket, FIN_BIT | OPCODE_PONG, socket->payload_bytes);
    else if (!(opcode & CONTROL_BIT)) {
        socket->in_message = !(socket->head[0] & FIN_BIT);
        put_head(socket, socket->head[0], socket->payload_bytes);
    }
}

/* Adds to the head what belongs to it; gives how many bytes that were. */
static size_t take_head(struct websocket *socket, struct view input)
{
    size_t taken = 0;
    while (taken < input.len && socket->head_len < head_bytes(socket))
        socket->head[socket->head_len++] = (unsigned char)input.ptr[taken++];
    if (socket->head_len >= 2 && !is_valid_start(socket))
        fail(socket, CLOSE_PROTOCOL_ERROR);
    else if (socket->head_len == head_bytes(socket))
        begin_payload(socket);
    return taken;
}

/* Codes that may stand in a close frame (§ 7.4.1 and the registry, § 7.4.2). */
static bool is_close_code(unsigned code)
{
    if (code < 3000)
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
    return code < 5000;
}

static bool is_utf8(struct view text)
{
    size_t len;
    while (text.len > 0 && (len = utf8_length(text)) > 0)
        text = view_skip(text, len);
    return text.len == 0;
}

static void answer_close(struct websocket *socket)
{
    struct view payload = view_of(socket->close_payload, (size_t)socket->payload_bytes);
    unsigned code = 0;
    if (payload.len >= 2)
        code = (unsigned)(unsigned char)payload.ptr[0] << 8 | (unsigned char)payload.ptr[1];
    if (payload.len > 0 && !is_close_code(code))
        fail(socket, CLOSE_PROTOCOL_ERROR);
    else if (payload.len > 0 && !is_utf8(view_skip(payload, 2)))
        fail(socket, CLOSE_NOT_UTF8);
    else
        put_close(socket, view_of(payload.ptr, payload.len > 0 ? 2 : 0)); /* only its code */
}

static void end_frame(struct websocket *socket)
{
    socket->in_payload = false;
    socket->head_len = 0;
    if (opcode_of(socket) == OPCODE_CLOSE)
        answer_close(socket);
}

static void unmask(const struct websocket *socket, char *to, struct view from)
{
    for (size_t i = 0; i < from.len; i++)
        to[i] = (char)(from.ptr[i] ^ (char)socket->mask[(socket->payload_got + i) % 4]);
}

static size_t take_payload(struct websocket *socket, struct view input)
{
    uint64_t left = socket->payload_bytes - socket->payload_got;
    struct view part = view_of(input.ptr, input.len < left ? input.len : (size_t)left);
    unsigned opcode = opcode_of(socket);
    if (opcode == OPCODE_CLOSE) {
        unmask(socket, socket->close_payload + socket->payload_got, part);
    } else if (opcode != OPCODE_PONG) {
        text_append(&socket->output, part);
        unmask(socket, socket->output.bytes + socket->output.len - part.len, part);
    }
    socket->payload_got += part.len;
    return part.len;
}

void websocket_take(struct websocket *socket, struct view input)
{
    while (input.len > 0 && !socket->is_over) {
        size_t taken = socket->in_payload ? take_payload(socket, input) : take_head(socket, input);
        input = view_skip(input, taken);
        if (socket->in_payload && socket->payload_got == socket->payload_bytes)
            end_frame(socket);
    }
}

void websocket_fini(struct websocket *socket)
{
    text_fini(&socket->output);
}
