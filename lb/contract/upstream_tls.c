#include "lb/contract/upstream_tls.h"

#include <string.h>

#include "lb/base/address.h"
#include "lb/contract/file_name.h"
#include "lb/contract/host_name.h"

/* What follows is zeroed: two that say the same are compared by their bytes. */
static void put(char *room, size_t size, struct view value)
{
    memset(room, 0, size);
    memcpy(room, value.ptr, value.len);
}

bool upstream_tls_set_verify(struct upstream_tls *tls, struct view value)
{
    bool is_yes = view_eq_nocase(value, VIEW("yes"));
    if (!is_yes && !view_eq_nocase(value, VIEW("no")))
        return false;
    tls->verify = is_yes ? UPSTREAM_TLS_VERIFIES : UPSTREAM_TLS_BELIEVES;
    return true;
}

_Static_assert(UPSTREAM_TLS_FILE_BYTES > FILE_NAME_BYTES_MAX, "a name and its end");
_Static_assert(UPSTREAM_TLS_NAME_BYTES > HOST_NAME_BYTES_MAX, "a name and its end");

static bool set_file(char room[UPSTREAM_TLS_FILE_BYTES], struct view value)
{
    struct text problem = TEXT_INIT;
    bool is_good = file_name_check(value, &problem);
    text_fini(&problem);
    if (is_good)
        put(room, UPSTREAM_TLS_FILE_BYTES, value);
    return is_good;
}

bool upstream_tls_set_ca(struct upstream_tls *tls, struct view value)
{
    return set_file(tls->ca, value);
}

bool upstream_tls_set_certificate(struct upstream_tls *tls, struct view value)
{
    return set_file(tls->certificate, value);
}

bool upstream_tls_set_name(struct upstream_tls *tls, struct view value)
{
    struct host_pattern host;
    struct address address;
    struct text problem = TEXT_INIT;
    bool is_address = address_parse_ip(value, 0, &address) && value.len < UPSTREAM_TLS_NAME_BYTES;
    bool is_name = !is_address && host_name_parse(value, &host, &problem) &&
                   host.form == HOST_EXACT && host.text[0] != '[';
    text_fini(&problem);
    if (is_address && value.ptr[0] == '[')
        value = view_of(value.ptr + 1, value.len - 2);
    if (is_address)
        put(tls->name, sizeof(tls->name), value);
    else if (is_name)
        put(tls->name, sizeof(tls->name), view_of(host.text, host.len));
    return is_address || is_name;
}
