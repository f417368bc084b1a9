#include "lb/contract/url_path.h"

#include "lb/base/sixteen.h"

/* ---- characters ------------------------------------------------------------------------------ */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = view_lower_char(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet that is escaped at the start of `rest`, or -1. */
static int escaped_at(struct view rest)
{
    if (rest.len < 3 || rest.ptr[0] != '%' || digit_of(rest.ptr[1]) < 0 ||
        digit_of(rest.ptr[2]) < 0)
        return -1;
    return digit_of(rest.ptr[1]) * 16 + digit_of(rest.ptr[2]);
}

static bool is_unreserved(char c)
{
    return (view_lower_char(c) >= 'a' && view_lower_char(c) <= 'z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

/* Neither reserved nor unreserved (RFC 3986 § 2): always to be escaped, so that bare it can mean
 * nothing else. Not what would end a line or a word. */
static bool is_foreign(char c)
{
    return (unsigned char)c >= 0x80 || (c != '\0' && strchr("\"<>\\^`{|}", c));
}

static char hex_of(unsigned nibble)
{
    return "0123456789ABCDEF"[nibble & 15];
}

static char *put_escaped(char *to, char octet)
{
    *to++ = '%';
    *to++ = hex_of((unsigned char)octet >> 4);
    *to++ = hex_of((unsigned char)octet);
    return to;
}

/* ---- escapes --------------------------------------------------------------------------------- */

/* Those that an odd path has: also a dot behind a slash. */
static sixteen odd_octets(sixteen octets, sixteen before)
{
    return (octets == '%') | (octets == '\\') | ((octets == '.') & (before == '/'));
}

/* The first octet is a slash, or the path is none. */
bool url_path_is_odd(struct view path)
{
    sixteen_halves odd = {0};
    size_t at = 1;
    if (path.len > SIXTEEN_TEXT_MIN)
        for (; at < path.len; at += sizeof(odd))
            odd |= (sixteen_halves)odd_octets(sixteen_of(view_skip(path, 1), at - 1),
                                              sixteen_of(view_of(path.ptr, path.len - 1), at - 1));
    for (; at < path.len; at++)
        if (path.ptr[at] == '%' || path.ptr[at] == '\\' ||
            (path.ptr[at] == '.' && path.ptr[at - 1] == '/'))
            return true;
    return sixteen_has(odd);
}

/* Writes `path` with each octet bare that can be, and gives the end. */
static char *spell(struct view path, char *to)
{
    while (path.len > 0) {
        int octet = escaped_at(path);
        if (octet < 0) {
            *to++ = path.ptr[0];
            path = view_skip(path, 1);
            continue;
        }
        if (is_unreserved((char)octet) || is_foreign((char)octet))
            *to++ = (char)octet;
        else
            to = put_escaped(to, (char)octet);
        path = view_skip(path, 3);
    }
    return to;
}

/* ---- dot segments ---------------------------------------------------------------------------- */

/* How many bytes at the start of `rest` some servers end a segment at, or cut it off from; 0: none.
 */
static size_t doubtful_at(struct view rest)
{
    if (rest.ptr[0] == '\\' || rest.ptr[0] == ';')
        return 1;
    return view_starts_with(rest, VIEW("%2F")) ? 3 : 0;
}

/* Whether ".." stands between such marks, or between one and the end of the segment. */
static bool is_doubtful(struct view segment)
{
    size_t begin = 0, mark_count = 0;
    for (size_t at = 0; at < segment.len;) {
        size_t mark = doubtful_at(view_skip(segment, at));
        if (mark > 0 && at - begin == 2 && memcmp(segment.ptr + begin, "..", 2) == 0)
            return true;
        mark_count += mark > 0;
        at += mark > 0 ? mark : 1;
        begin = mark > 0 ? at : begin;
    }
    return mark_count > 0 && view_eq(view_skip(segment, begin), VIEW(".."));
}

static size_t without_last_segment(const char *path, size_t len)
{
    while (len > 0 && path[--len] != '/')
        ;
    return len;
}

/* Removes dot segments where they are (RFC 3986 § 5.2.4). `path` begins with "/". Gives how much is
 * left; 0: refused. */
static size_t remove_dots(char *path, size_t len)
{
    size_t kept = 0;
    for (struct view rest = view_of(path + 1, len - 1); rest.ptr;) {
        struct view segment = view_cut(&rest, '/');
        bool is_up = view_eq(segment, VIEW("..")), is_dot = is_up || view_eq(segment, VIEW("."));
        if (is_doubtful(segment))
            return 0;
        if (is_up)
            kept = without_last_segment(path, kept);
        if (is_dot && rest.ptr)
            continue;
        path[kept++] = '/';
        memmove(path + kept, segment.ptr, is_dot ? 0 : segment.len);
        kept += is_dot ? 0 : segment.len;
    }
    return kept;
}

enum url_path_change url_path_normalise(struct view path, char *room, struct view *out)
{
    *out = path;
    if (!url_path_is_odd(path) || path.ptr[0] != '/')
        return URL_PATH_SAME;
    size_t spelled = (size_t)(spell(path, room) - room);
    bool is_same = view_eq(path, view_of(room, spelled));
    size_t kept = remove_dots(room, spelled);
    *out = view_of(room, kept);
    if (kept == 0)
        return URL_PATH_REFUSED;
    if (kept < spelled)
        return URL_PATH_MOVED;
    return is_same ? URL_PATH_SAME : URL_PATH_SPELLED;
}

char *url_path_escape(struct view path, char *to)
{
    for (size_t i = 0; i < path.len; i++)
        if (is_foreign(path.ptr[i]))
            to = put_escaped(to, path.ptr[i]);
        else
            *to++ = path.ptr[i];
    return to;
}

/* ---- of a label ------------------------------------------------------------------------------ */

static const char *fault_of(struct view text)
{
    if (text.len == 0 || text.ptr[0] != '/')
        return "does not begin with /";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == 0x7F)
            return "has a control character";
        if (c == '?' || c == '#')
            return "has a ? or a # inside, where paths end; leave out the query, or write %3F or "
                   "%23";
        if (c == '%' && escaped_at(view_skip(text, i)) < 0)
            return "has a % that escapes nothing; write it as %25";
    }
    return NULL;
}

static void escape_blanks(struct view text, struct text *out)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == ' ')
            text_append_str(out, "%20");
        else
            text_append_char(out, text.ptr[i]);
}

bool url_path_parse(struct view text, struct text *out, struct text *problem)
{
    struct view normal;
    text_clear(out);
    const char *fault = fault_of(text);
    if (!fault) {
        escape_blanks(text, out);
        struct text room = TEXT_INIT;
        char *at = text_room(&room, out->len);
        enum url_path_change change = url_path_normalise(text_view(out), at, &normal);
        if (change >= URL_PATH_MOVED)
            fault = "has . or .. as a segment, which no path has when routes are looked at";
        memmove(out->bytes, normal.ptr, normal.len);
        text_grow_to(out, out->bytes + normal.len);
        text_fini(&room);
    }
    if (fault)
        text_append_str(problem, fault);
    return !fault;
}
