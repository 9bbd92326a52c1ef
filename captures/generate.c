/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generate - writes every sample of captures/samples/sample.def into a folder, the same bytes in every run, and prints
 * a line of MANIFEST for each.
 */
#include "captures/samples/scene.h"

#include "core/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MAX_FILE = 64 << 20 };

static const struct sample {
    void (*record)(struct reel *reel);
    const char *file;
    const char *shows;
} samples[] = {
#define SAMPLE(function, file, shows) {(function), (file), (shows)},
#include "captures/samples/sample.def"
#undef SAMPLE
};

static bool write_file(const char *folder, const char *name, struct ml_span bytes)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    ML_ASSERT(len > 0 && (size_t)len < sizeof path);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        return false;
    }
    *slash = '/';
    FILE *stream = fopen(path, "wb");
    bool ok = stream != NULL && fwrite(bytes.ptr, 1, bytes.len, stream) == bytes.len;
    return stream != NULL && fclose(stream) == 0 && ok;
}

static bool generate(const struct sample *sample, const char *folder)
{
    struct reel reel;
    struct ml_buf out;
    char hex[ML_SHA256_HEX];
    size_t len = strlen(sample->file);
    bool is_ng = len > 7 && strcmp(sample->file + len - 7, ".pcapng") == 0;
    reel_init(&reel);
    ml_buf_init(&out, MAX_FILE);
    sample->record(&reel);
    reel_sort(&reel);
    if (is_ng) {
        reel_write_pcapng(&reel, BUILD_LINK_ETHERNET, "mitleser-generate", &out);
    } else {
        reel_write_pcap(&reel, BUILD_LINK_ETHERNET, &out);
    }
    bool ok = ml_sha256_hex(build_span(&out), hex) && write_file(folder, sample->file, build_span(&out));
    if (ok) {
        (void)printf("%s\t%s\tgenerated\t%s\n", sample->file, hex, sample->shows);
    } else {
        (void)fprintf(stderr, "%s/%s: %s\n", folder, sample->file, strerror(errno));
    }
    ml_buf_fini(&out);
    reel_fini(&reel);
    return ok;
}

int main(int argc, char **argv)
{
    bool ok = true;
    if (argc != 2) {
        (void)fputs("usage: mitleser-generate FOLDER\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        ok = generate(&samples[i], argv[1]) && ok;
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
