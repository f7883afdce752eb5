/* What the system's libcrypt does alone: hashes a second on a number of threads, for a number of seconds.
   usage: libcrypt SETTING THREADS SECONDS */
#include <crypt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *setting;
static atomic_long hashes;
static atomic_int stop;

static void *work(void *unused) {
    struct crypt_data *data = calloc(1, sizeof *data);
    while (!atomic_load(&stop)) {
        crypt_r("some password", setting, data);
        atomic_fetch_add(&hashes, 1);
    }
    return unused;
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    setting = arguments[1];
    int threads = atoi(arguments[2]), seconds = atoi(arguments[3]);
    pthread_t thread[64];
    if (threads < 1 || threads > 64) return 2;
    for (int i = 0; i < threads; i++) pthread_create(&thread[i], NULL, work, NULL);
    struct timespec time = {.tv_sec = seconds};
    nanosleep(&time, NULL);
    printf("%.1f\n", (double)atomic_load(&hashes) / seconds);
    return 0;
}
