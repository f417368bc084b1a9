#include "tests/fuzz/support/plain_request.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS_MAX 8192

/* ---- the host -------------------------------------------------------------------------------- */

static void append_literal(struct view literal, struct text *out)
{
    char inside[INET6_ADDRSTRLEN] = "", plain[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (literal.len < 2 || literal.len - 2 >= sizeof(inside))
        return;
    memcpy(inside, literal.ptr + 1, literal.len - 2);
    if (strlen(inside) == literal.len - 2 && inet_pton(AF_INET6, inside, &address) == 1)
        text_appendf(out, "[%s]", inet_ntop(AF_INET6, &address, plain, sizeof(plain)));
}

void plain_request_host(struct view authority, struct text *out)
{
    size_t len = 0;
    text_clear(out);
    if (authority.len > 0 && authority.ptr[0] == '[') {
        while (len < authority.len && authority.ptr[len] != ']')
            len++;
        if (len < authority.len)
            append_literal(view_of(authority.ptr, len + 1), out);
        return;
    }
    while (len < authority.len && authority.ptr[len] != ':')
        len++;
    if (len > 0 && authority.ptr[len - 1] == '.')
        len--;
    for (size_t i = 0; i < len && len <= 255; i++)
        text_append_char(out, (char)tolower((unsigned char)authority.ptr[i]));
}

/* ---- the path -------------------------------------------------------------------------------- */

static bool is_bare(int octet)
{
    return isalnum(octet) || octet > 127 || (octet > 0 && strchr("-._~\"<>\\^`{|}", octet));
}

static void spell(struct view path, struct text *out)
{
    for (size_t i = 0; i < path.len; i++) {
        char digits[3] = "";
        if (path.ptr[i] == '%' && i + 2 < path.len)
            memcpy(digits, path.ptr + i + 1, 2);
        if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1])) {
            text_append_char(out, path.ptr[i]);
            continue;
        }
        int octet = (int)strtol(digits, NULL, 16);
        if (is_bare(octet))
            text_append_char(out, (char)octet);
        else
            text_appendf(out, "%%%02X", octet);
        i += 2;
    }
}

/* Whether some part of it is "..", of those that such marks cut it into. */
static bool is_doubtful(struct view segment)
{
    struct text part = TEXT_INIT;
    size_t mark_count = 0, dots_count = 0;
    for (size_t i = 0; i < segment.len; i++) {
        bool is_slash = view_starts_with(view_skip(segment, i), VIEW("%2F"));
        bool is_mark = is_slash || segment.ptr[i] == '\\' || segment.ptr[i] == ';';
        if (is_mark) {
            mark_count++;
            dots_count += view_eq(text_view(&part), VIEW(".."));
            text_clear(&part);
        } else {
            text_append_char(&part, segment.ptr[i]);
        }
        i += is_slash ? 2 : 0;
    }
    dots_count += view_eq(text_view(&part), VIEW(".."));
    text_fini(&part);
    return mark_count > 0 && dots_count > 0;
}

static void join(const struct view *segments, size_t count, bool ends_in_dots, struct text *out)
{
    for (size_t i = 0; i < count; i++) {
        text_append_char(out, '/');
        text_append(out, segments[i]);
    }
    if (ends_in_dots)
        text_append_char(out, '/');
}

/* A path without any of these is as it is, and no ".." of it is more than a parameter's. */
static bool may_move(struct view path)
{
    bool may = false;
    for (size_t i = 0; i < path.len; i++)
        may |= path.ptr[i] == '%' || path.ptr[i] == '\\' ||
               view_starts_with(view_skip(path, i), VIEW("/."));
    return may;
}

bool plain_request_path(struct view path, struct text *out)
{
    static struct view segments[SEGMENTS_MAX];
    struct text spelled = TEXT_INIT;
    size_t count = 0;
    bool ends_in_dots = false, is_good = true;
    text_clear(out);
    if (path.len == 0 || path.ptr[0] != '/') {
        text_append(out, path);
        return true;
    }
    spell(path, &spelled);
    for (struct view rest = view_skip(text_view(&spelled), 1); rest.ptr && count < SEGMENTS_MAX;) {
        struct view segment = view_cut(&rest, '/');
        bool is_up = view_eq(segment, VIEW(".."));
        is_good = is_good && !(may_move(path) && is_doubtful(segment));
        ends_in_dots = is_up || view_eq(segment, VIEW("."));
        if (is_up && count > 0)
            count--;
        else if (!ends_in_dots)
            segments[count++] = segment;
    }
    join(segments, count, ends_in_dots, out);
    text_fini(&spelled);
    return is_good;
}
