#include "lb/gelf/gelf_compress.h"

#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

#include "lb/base/bounds.h"
#include "lb/base/memory.h"

#define WINDOW_BITS  15
#define GZIP_BITS    16 /* on top of it: a gzip head */
#define MEMORY_LEVEL 8

struct gelf_compress {
    z_stream stream;
};

static const char *const words[] = {[GELF_COMPRESSION_GZIP] = "gzip",
                                    [GELF_COMPRESSION_ZLIB] = "zlib",
                                    [GELF_COMPRESSION_NONE] = "none"};

bool gelf_compress_parse(const char *word, enum gelf_compression *out)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i]) == 0) {
            *out = (enum gelf_compression)i;
            return true;
        }
    }
    return false;
}

struct gelf_compress *gelf_compress_new(enum gelf_compression compression)
{
    if (compression == GELF_COMPRESSION_NONE)
        return NULL;
    struct gelf_compress *compress = memory_new(sizeof(*compress));
    int bits = compression == GELF_COMPRESSION_GZIP ? WINDOW_BITS + GZIP_BITS : WINDOW_BITS;
    int rc = deflateInit2(&compress->stream, Z_BEST_SPEED, Z_DEFLATED, bits, MEMORY_LEVEL,
                          Z_DEFAULT_STRATEGY);
    bounds_hold(rc == Z_OK); /* only memory can be missing */
    return compress;
}

void gelf_compress_free(struct gelf_compress *compress)
{
    if (!compress)
        return;
    deflateEnd(&compress->stream);
    free(compress);
}

struct view gelf_compress_pack(struct gelf_compress *compress, struct view message,
                               struct text *out)
{
    if (!compress)
        return message;
    z_stream *stream = &compress->stream;
    deflateReset(stream);
    size_t most = deflateBound(stream, message.len);
    text_clear(out);
    char *room = text_room(out, most);
    stream->next_in = (const Bytef *)message.ptr;
    stream->avail_in = (uInt)message.len;
    stream->next_out = (Bytef *)room;
    stream->avail_out = (uInt)most;
    int rc = deflate(stream, Z_FINISH);
    bounds_hold(rc == Z_STREAM_END);
    text_grow_to(out, (const char *)stream->next_out);
    return text_view(out);
}
