/* The page as it was at build time (embed_page.cmake writes the source). */
#ifndef LB_ADMIN_PAGE_HTML_H
#define LB_ADMIN_PAGE_HTML_H

#include <stddef.h>

extern const char page_html_bytes[];
extern const size_t page_html_len;

/* The same, gzipped. */
extern const char page_html_packed_bytes[];
extern const size_t page_html_packed_len;

/* Its Content-Security-Policy: only the script and style that it has, by their hashes, and nothing
 * from anywhere but lb. */
extern const char page_html_policy[];

#endif
