#include "discovery/dialect/sha1.h"

#include <stdint.h>
#include <stdio.h>

#define BLOCK_BYTES  64u
#define LENGTH_BYTES 8u
#define WORDS        5u
#define ROUNDS       80u

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

static uint32_t read_word(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* What a round adds to the first word: a function of three others, and a constant. */
static uint32_t mix(unsigned round, const uint32_t *s)
{
    if (round < 20)
        return ((s[1] & s[2]) | (~s[1] & s[3])) + 0x5A827999;
    if (round < 40)
        return (s[1] ^ s[2] ^ s[3]) + 0x6ED9EBA1;
    if (round < 60)
        return ((s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3])) + 0x8F1BBCDC;
    return (s[1] ^ s[2] ^ s[3]) + 0xCA62C1D6;
}

static void take_block(uint32_t state[WORDS], const unsigned char block[BLOCK_BYTES])
{
    uint32_t schedule[ROUNDS], s[WORDS];
    for (unsigned i = 0; i < ROUNDS; i++)
        schedule[i] =
            i < 16 ? read_word(block + 4 * i)
                   : rotate(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16],
                            1);
    memcpy(s, state, sizeof(s));
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t first = rotate(s[0], 5) + mix(i, s) + s[4] + schedule[i];
        s[4] = s[3];
        s[3] = s[2];
        s[2] = rotate(s[1], 30);
        s[1] = s[0];
        s[0] = first;
    }
    for (unsigned i = 0; i < WORDS; i++)
        state[i] += s[i];
}

/* The rest, a bit, zeros, and how many bits there were. */
static void take_end(uint32_t state[WORDS], struct view rest, uint64_t total_bytes)
{
    unsigned char block[BLOCK_BYTES] = {0};
    if (rest.len > 0)
        memcpy(block, rest.ptr, rest.len);
    block[rest.len] = 0x80;
    if (rest.len >= BLOCK_BYTES - LENGTH_BYTES) {
        take_block(state, block);
        memset(block, 0, sizeof(block));
    }
    for (unsigned i = 0; i < LENGTH_BYTES; i++)
        block[BLOCK_BYTES - 1 - i] = (unsigned char)(total_bytes * 8 >> (8 * i));
    take_block(state, block);
}

void sha1_hex(struct view bytes, char out[SHA1_HEX_BYTES])
{
    uint32_t state[WORDS] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint64_t total_bytes = bytes.len;
    for (; bytes.len >= BLOCK_BYTES; bytes = view_skip(bytes, BLOCK_BYTES))
        take_block(state, (const unsigned char *)bytes.ptr);
    take_end(state, bytes, total_bytes);
    for (unsigned i = 0; i < WORDS; i++)
        snprintf(out + 8 * i, 9, "%08x", (unsigned)state[i]);
}
