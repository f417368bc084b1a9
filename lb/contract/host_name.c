#include "lb/contract/host_name.h"

#include "lb/base/address.h"
#include "lb/base/sixteen.h"

/* ---- of a request ---------------------------------------------------------------------------- */

/* Capitals, colons and what is above 127. */
static sixteen odd_octets(sixteen octets)
{
    return ((octets >= 'A') & (octets <= 'Z')) | (octets == ':') | (octets < 0);
}

/* Whether there is nothing to be cut off or to be made lower-case. */
static bool is_plain(struct view host)
{
    sixteen_halves odd = {0};
    size_t at = 0;
    if (host.len >= SIXTEEN_TEXT_MIN)
        for (; at < host.len; at += sizeof(odd))
            odd |= (sixteen_halves)odd_octets(sixteen_of(host, at));
    for (; at < host.len; at++)
        if (host.ptr[at] == ':' || host.ptr[at] != view_lower_char(host.ptr[at]))
            return false;
    return !sixteen_has(odd);
}

static struct view copy_lower(struct view host, char *room)
{
    for (size_t i = 0; i < host.len; i++)
        room[i] = view_lower_char(host.ptr[i]);
    return view_of(room, host.len);
}

/* "[fd00:0::1]" as "[fd00::1]". Empty: it is no IPv6 literal. */
static struct view copy_literal(struct view literal, char *room)
{
    struct address ip;
    char text[ADDRESS_TEXT_BYTES];
    if (!address_parse_ip(literal, 0, &ip))
        return view_of(room, 0);
    struct view plain = view_str(address_format_ip(&ip, text));
    room[0] = '[';
    memcpy(room + 1, plain.ptr, plain.len);
    room[plain.len + 1] = ']';
    return view_of(room, plain.len + 2);
}

static struct view without_dot(struct view host)
{
    if (host.len > 0 && host.ptr[host.len - 1] == '.')
        host.len--;
    return host;
}

struct view host_name_of(struct view authority, char room[HOST_NAME_BYTES_MAX])
{
    struct view host = authority;
    if (host.len > 0 && host.ptr[0] == '[') {
        host.len = (size_t)view_find(host, ']') + 1;
        return copy_literal(host, room);
    }
    bool is_as_it_is = is_plain(host);
    if (!is_as_it_is)
        host = view_cut(&authority, ':');
    host = without_dot(host);
    if (host.len > HOST_NAME_BYTES_MAX)
        return view_of(room, 0);
    return is_as_it_is ? host : copy_lower(host, room);
}

/* ---- of a label ------------------------------------------------------------------------------ */

static bool is_name_char(char c)
{
    return (view_lower_char(c) >= 'a' && view_lower_char(c) <= 'z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.';
}

static const char *fault_of_char(char c)
{
    if ((unsigned char)c >= 0x80)
        return "is not ASCII; write names of other scripts as A-labels (xn--...)";
    switch (c) {
    case ' ':
    case '\t':
        return "has a blank inside; give one host in each place";
    case ',':
        return "has a comma inside; give one host in each place";
    case '/':
        return "has a slash inside; leave out scheme and path";
    case ':':
        return "has a colon inside; leave out the port, which does not count for a route";
    case '*':
        return "has a * in the middle; it stands for whole labels at the beginning (*.a.test) or "
               "at "
               "the end (www.*), else write a regex";
    default:
        return "has a character that no host name has";
    }
}

static const char *fault_of_name(struct view name)
{
    if (name.len == 0)
        return "is empty; leave it out where all hosts are meant";
    if (name.len > HOST_NAME_BYTES_MAX)
        return "is longer than 255 bytes";
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_char(name.ptr[i]))
            return view_starts_with(view_skip(name, i), VIEW("://"))
                       ? "has a scheme before it; write the host alone"
                       : fault_of_char(name.ptr[i]);
    if (name.ptr[0] == '.')
        return "begins with a dot; write *.a.test for all below a.test, and a.test beside it where "
               "that is meant as well";
    for (size_t i = 1; i < name.len; i++)
        if (name.ptr[i] == '.' && (name.ptr[i - 1] == '.' || i + 1 == name.len))
            return "has an empty label; take one of the dots away";
    return NULL;
}

static void set_text(struct host_pattern *out, enum host_form form, const char *before,
                     struct view name, const char *behind)
{
    size_t at = 0;
    out->form = form;
    for (; *before; before++)
        out->text[at++] = *before;
    copy_lower(name, out->text + at);
    at += name.len;
    for (; *behind; behind++)
        out->text[at++] = *behind;
    out->text[at] = '\0';
    out->len = (unsigned)at;
}

/* With brackets, or without where no name could look so. */
static bool take_literal(struct view text, struct host_pattern *out)
{
    struct address ip;
    if (!address_parse_ip(text, 0, &ip) || ip.socket.any.sa_family != AF_INET6)
        return false;
    char brackets[ADDRESS_TEXT_BYTES + 2], room[HOST_NAME_BYTES_MAX];
    size_t at = 0;
    if (text.ptr[0] != '[')
        brackets[at++] = '[';
    if (text.len >= ADDRESS_TEXT_BYTES)
        return false;
    memcpy(brackets + at, text.ptr, text.len);
    at += text.len;
    if (text.ptr[0] != '[')
        brackets[at++] = ']';
    set_text(out, HOST_EXACT, "", copy_literal(view_of(brackets, at), room), "");
    return true;
}

static bool starts_with_star(struct view text)
{
    return view_starts_with(text, VIEW("*."));
}

static bool ends_with_star(struct view text)
{
    return text.len >= 2 && view_eq(view_skip(text, text.len - 2), VIEW(".*"));
}

static const char *take_name(struct view text, struct host_pattern *out)
{
    bool has_suffix = starts_with_star(text), has_prefix = !has_suffix && ends_with_star(text);
    struct view name = text;
    if (has_suffix)
        name = view_skip(name, 2);
    if (has_prefix)
        name.len -= 2;
    if (!has_prefix && name.len > 1)
        name = without_dot(name);
    if ((has_suffix || has_prefix) && name.len >= HOST_NAME_BYTES_MAX)
        return "is longer than 255 bytes";
    const char *fault = fault_of_name(name);
    if (!fault)
        set_text(out,
                 has_suffix   ? HOST_SUFFIX
                 : has_prefix ? HOST_PREFIX
                              : HOST_EXACT,
                 has_suffix ? "." : "", name, has_prefix ? "." : "");
    return fault;
}

bool host_name_parse(struct view text, struct host_pattern *out, struct text *problem)
{
    if (view_eq(text, VIEW("*"))) {
        set_text(out, HOST_ANY, "", VIEW(""), "");
        return true;
    }
    if (take_literal(text, out))
        return true;
    const char *fault = take_name(text, out);
    if (fault)
        text_append_str(problem, fault);
    return !fault;
}
