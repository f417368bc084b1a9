#include "lb/base/siphash.h"

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void do_rounds(struct state *s, unsigned count)
{
    while (count-- > 0) {
        s->v0 += s->v1;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v0 = rotate(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v2 = rotate(s->v2, 32);
    }
}

static void take(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    do_rounds(s, 2);
    s->v0 ^= word;
}

/* Up to eight bytes, the lowest first on every machine. */
static uint64_t load(const char *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++)
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return word;
}

struct siphash siphash_of(const struct siphash_key *key, struct view bytes)
{
    struct state s = {.v0 = key->words[0] ^ UINT64_C(0x736F6D6570736575),
                      .v1 = key->words[1] ^ UINT64_C(0x646F72616E646F6D) ^ 0xEE,
                      .v2 = key->words[0] ^ UINT64_C(0x6C7967656E657261),
                      .v3 = key->words[1] ^ UINT64_C(0x7465646279746573)};
    struct siphash hash;
    size_t at = 0;
    for (; bytes.len - at >= 8; at += 8)
        take(&s, load(bytes.ptr + at, 8));
    take(&s, load(bytes.ptr + at, bytes.len - at) | (uint64_t)bytes.len << 56);
    s.v2 ^= 0xEE;
    do_rounds(&s, 4);
    hash.words[0] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    s.v1 ^= 0xDD;
    do_rounds(&s, 4);
    hash.words[1] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    return hash;
}
