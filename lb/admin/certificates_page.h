/* /certificates, and what explain says of the certificate of a host: which one, why, of whom, and until when. Thread: control. */
#ifndef LB_ADMIN_CERTIFICATES_PAGE_H
#define LB_ADMIN_CERTIFICATES_PAGE_H

#include "lb/admin/acme_orders.h"
#include "lb/admin/url_https.h"
#include "lb/base/json_writer.h"
#include "lb/certs/certs_picture.h"

#define CERTIFICATES_PAGE_MAX 1000u /* certificates of one answer */

/* All borrowed. */
struct certificates_page {
    const struct certs_picture *picture; /* NULL: there are no directories */
    const struct acme_orders *orders;
    struct url_https https; /* by what a host is shown one */
    int64_t now_s;
    unsigned from, count_max; /* of the certificates, in their order */
    bool is_soonest_first;    /* those that are shown, by when they run out; else all, by names */
};

void certificates_page_write_json(const struct certificates_page *page, struct text *out);
void certificates_page_write_text(const struct certificates_page *page, struct text *out);

/* Lines on what a client is shown that asks for this host (lower case). False: there is no certificate for it, and none is ordered; nothing is
 * written then, unless `always`. */
bool certificates_page_write_host(const struct certificates_page *page, struct view host,
                                  bool always, struct text *out);

/* The same as fields of an object: "certificates", each as on the page, with "why" and "covers"; and "acme", what is ordered. */
bool certificates_page_write_host_json(const struct certificates_page *page, struct view host,
                                       bool always, struct json_writer *json);

#endif
