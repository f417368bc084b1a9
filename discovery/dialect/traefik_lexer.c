#include "discovery/dialect/traefik_lexer.h"

/* ---- tokens --------------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct traefik_token wrong(struct traefik_token token, const char *problem)
{
    token.kind = TRAEFIK_TOKEN_WRONG;
    token.problem = problem;
    return token;
}

static struct traefik_token of_length(struct traefik_token token, enum traefik_token_kind kind,
                                      size_t len)
{
    token.kind = kind;
    token.text.len = len;
    return token;
}

static struct traefik_token read_name(struct traefik_token token)
{
    size_t len = 0;
    while (len < token.text.len && is_letter(token.text.ptr[len]))
        len++;
    return of_length(token, TRAEFIK_TOKEN_NAME, len);
}

/* From quote to quote; in double quotes a backslash hides the byte behind it. */
static struct traefik_token read_string(struct traefik_token token)
{
    struct view text = token.text;
    size_t at = 1;
    while (at < text.len && text.ptr[at] != text.ptr[0]) {
        if (text.ptr[0] == '"' && text.ptr[at] == '\n')
            return wrong(token, "a string in double quotes ends on its line");
        at += text.ptr[0] == '"' && text.ptr[at] == '\\' ? 2 : 1;
    }
    if (at >= text.len)
        return wrong(token, "this string has no end");
    return of_length(token, TRAEFIK_TOKEN_STRING, at + 1);
}

static struct traefik_token read_pair(struct traefik_token token, enum traefik_token_kind kind)
{
    if (token.text.len < 2 || token.text.ptr[1] != token.text.ptr[0])
        return wrong(token, "&& and || are written twice");
    return of_length(token, kind, 2);
}

struct traefik_token traefik_lexer_next(struct view rule, size_t at)
{
    while (at < rule.len && is_space(rule.ptr[at]))
        at++;
    struct traefik_token token = {.at = at, .text = view_skip(rule, at)};
    switch (at < rule.len ? rule.ptr[at] : '\0') {
    case '(':
        return of_length(token, TRAEFIK_TOKEN_OPEN, 1);
    case ')':
        return of_length(token, TRAEFIK_TOKEN_CLOSE, 1);
    case ',':
        return of_length(token, TRAEFIK_TOKEN_COMMA, 1);
    case '!':
        return of_length(token, TRAEFIK_TOKEN_NOT, 1);
    case '&':
        return read_pair(token, TRAEFIK_TOKEN_AND);
    case '|':
        return read_pair(token, TRAEFIK_TOKEN_OR);
    case '`':
    case '"':
        return read_string(token);
    case '\'':
        return wrong(token, "single quotes are not taken; write `…` or \"…\"");
    }
    if (at == rule.len)
        return token;
    if (is_letter(rule.ptr[at]))
        return read_name(token);
    return wrong(token, "this belongs to no rule");
}

/* ---- strings -------------------------------------------------------------------------------- */

static int digit_of(char c)
{
    c = view_lower_char(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Reads `count` digits. Fails: false. */
static bool read_digits(struct view *rest, size_t count, int base, uint32_t *out)
{
    *out = 0;
    if (rest->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int digit = digit_of(rest->ptr[i]);
        if (digit >= base)
            return false;
        *out = *out * (uint32_t)base + (uint32_t)digit;
    }
    *rest = view_skip(*rest, count);
    return true;
}

static bool append_code(uint32_t code, struct text *out)
{
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return false;
    if (code < 0x80) {
        text_append_char(out, (char)code);
        return true;
    }
    unsigned more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xC0, 0xE0, 0xF0};
    text_append_char(out, (char)(first[more] | code >> 6 * more));
    while (more-- > 0)
        text_append_char(out, (char)(0x80 | (code >> 6 * more & 0x3F)));
    return true;
}

static bool unescape_number(struct view *rest, char kind, struct text *out)
{
    uint32_t code;
    if (kind == 'u' || kind == 'U')
        return read_digits(rest, kind == 'u' ? 4 : 8, 16, &code) && append_code(code, out);
    if (!(kind == 'x' ? read_digits(rest, 2, 16, &code) : read_digits(rest, 3, 8, &code)) ||
        code > 0xFF)
        return false;
    text_append_char(out, (char)code);
    return true;
}

/* What follows a backslash. */
static bool unescape(struct view *rest, struct text *out)
{
    static const char letters[] = "abfnrtv\\\"", bytes[] = "\a\b\f\n\r\t\v\\\"";
    if (rest->len == 0)
        return false;
    char kind = rest->ptr[0];
    const char *letter = kind == '\0' ? NULL : strchr(letters, kind);
    if (!letter && kind >= '0' && kind <= '7')
        return unescape_number(rest, kind, out);
    *rest = view_skip(*rest, 1);
    if (kind == 'x' || kind == 'u' || kind == 'U')
        return unescape_number(rest, kind, out);
    if (letter)
        text_append_char(out, bytes[letter - letters]);
    return letter != NULL;
}

bool traefik_lexer_unquote(struct view written, struct text *out)
{
    bool is_raw = written.ptr[0] == '`';
    struct view rest = view_of(written.ptr + 1, written.len - 2);
    while (rest.len > 0) {
        char c = rest.ptr[0];
        rest = view_skip(rest, 1);
        if (c == '\\' && !is_raw) {
            if (!unescape(&rest, out))
                return false;
        } else if (c != '\r' || !is_raw) {
            text_append_char(out, c);
        }
    }
    return true;
}
