#include "lb/contract/certificate_wish.h"

#include "lb/base/address.h"
#include "lb/contract/host_name.h"

#define LABEL_BYTES_MAX 63u /* RFC 1035 § 2.3.4 */

static const char *fault_of_label(struct view label)
{
    if (label.len > LABEL_BYTES_MAX)
        return "has a label of more than 63 bytes, which no certificate has";
    if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
        return "has a label that begins or ends with -, which no certificate has";
    if (view_find(label, '_') >= 0)
        return "has a _, which no certificate has; give the host another name";
    return NULL;
}

static const char *fault_of_name(const struct host_pattern *host)
{
    struct view rest = view_of(host->text, host->len);
    struct address address;
    const char *fault = NULL;
    if (host->form == HOST_SUFFIX || host->form == HOST_PREFIX || host->form == HOST_ANY)
        return "has a *, which takes a challenge by DNS, and lb-acme has none; put a certificate "
               "for it into --certificates, or name the hosts one by one";
    if (host->len > CERTIFICATE_WISH_NAME_BYTES_MAX)
        return "is longer than 253 bytes";
    if (host->text[0] == '[' || address_parse_ip(rest, 0, &address))
        return "is an address; name a host";
    while (rest.ptr && !fault)
        fault = fault_of_label(view_cut(&rest, '.'));
    return fault;
}

bool certificate_wish_read_name(struct view text, char room[CERTIFICATE_WISH_NAME_BYTES_MAX],
                                struct view *out, struct text *problem)
{
    struct host_pattern host;
    if (!host_name_parse(text, &host, problem))
        return false;
    const char *fault = fault_of_name(&host);
    if (fault) {
        text_append_str(problem, fault);
        return false;
    }
    memcpy(room, host.text, host.len);
    *out = view_of(room, host.len);
    return true;
}

bool certificate_wish_check_email(struct view text, struct text *problem)
{
    ptrdiff_t at = view_find(text, '@');
    bool is_good = text.len <= CERTIFICATE_WISH_EMAIL_BYTES_MAX && at > 0 &&
                   (size_t)at + 1 < text.len && view_find(view_skip(text, (size_t)at + 1), '@') < 0;
    for (size_t i = 0; i < text.len && is_good; i++)
        is_good = text.ptr[i] > ' ' && text.ptr[i] < 0x7F && text.ptr[i] != '"' &&
                  text.ptr[i] != ',' && text.ptr[i] != '\\';
    if (!is_good)
        text_append_str(problem, "is no address of mail; one such as admin@example.com is "
                                 "accepted");
    return is_good;
}
