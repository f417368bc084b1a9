/* Messages as they go over UDP: as they are, or packed as zlib (RFC 1950) or gzip (RFC 1952) has it; a receiver tells
 * them apart by their first bytes. Thread: one at a time. */
#ifndef LB_GELF_GELF_COMPRESS_H
#define LB_GELF_GELF_COMPRESS_H

#include "lb/base/text.h"

enum gelf_compression { GELF_COMPRESSION_GZIP, GELF_COMPRESSION_ZLIB, GELF_COMPRESSION_NONE };

/* Parses "gzip", "zlib" or "none". Fails: false, `*out` unchanged. */
bool gelf_compress_parse(const char *word, enum gelf_compression *out);

struct gelf_compress; /* what zlib works with, for one message after the other */

/* Gives; NULL for GELF_COMPRESSION_NONE. */
struct gelf_compress *gelf_compress_new(enum gelf_compression compression);
void gelf_compress_free(struct gelf_compress *compress);

/* The message, packed: a view of `out`, whose content it replaces, or of the message itself where `compress` is NULL. */
struct view gelf_compress_pack(struct gelf_compress *compress, struct view message,
                               struct text *out);

#endif
