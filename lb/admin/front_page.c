#include "lb/admin/front_page.h"

#include "lb/admin/admin_access.h"
#include "lb/admin/page_html.h"

/* Whether a weight is "q=0", in any of its forms (RFC 9110 § 12.4.2). */
static bool is_none(struct view weight)
{
    if (!view_starts_with(weight, VIEW("q=0")))
        return false;
    for (size_t i = 3; i < weight.len; i++)
        if (weight.ptr[i] != '0' && weight.ptr[i] != '.')
            return false;
    return true;
}

/* As far as this page needs Accept-Encoding (RFC 9110 § 12.5.3): gzip where it is named. */
static bool takes_gzip(const struct request *request)
{
    struct view accept = admin_access_field(request->head, VIEW("accept-encoding"));
    while (accept.ptr) {
        struct view weight = view_cut(&accept, ',');
        struct view coding = view_trim(view_cut(&weight, ';'));
        if (view_eq_nocase(coding, VIEW("gzip")))
            return !is_none(view_trim(weight));
    }
    return false;
}

void front_page_write(const struct request *request, struct admin_answer *answer)
{
    bool is_packed = takes_gzip(request);
    answer->status = 200;
    answer->content_type = "text/html; charset=utf-8";
    text_appendf(&answer->fields,
                 "Content-Security-Policy: %s\r\nReferrer-Policy: no-referrer\r\n"
                 "Vary: Accept-Encoding\r\n%s",
                 page_html_policy, is_packed ? "Content-Encoding: gzip\r\n" : "");
    text_append(&answer->body, is_packed ? view_of(page_html_packed_bytes, page_html_packed_len)
                                         : view_of(page_html_bytes, page_html_len));
}
