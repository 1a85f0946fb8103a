/* A stand-in for a termb kit. The folder in TERMB_STUB says what it does: "card" holds a name in GBK; absent, crash, hang. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char name[64];

static int there(const char *what) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", getenv("TERMB_STUB"), what);
    return access(path, F_OK) == 0;
}

int CVR_InitComm(int port) { return port == 1001 && !there("absent"); }
int CVR_CloseComm(void) { return 1; }

int CVR_Authenticate(void) {
    puts("kits print what they like");
    if (there("crash")) abort();
    while (there("hang")) usleep(10000);
    if (there("absent")) return 0;
    return there("card");
}

int CVR_Read_Content(int active) {
    char path[512];
    FILE *file;
    snprintf(path, sizeof path, "%s/card", getenv("TERMB_STUB"));
    if (!(file = fopen(path, "rb"))) return 0;
    memset(name, 0, sizeof name);
    fread(name, 1, sizeof name - 1, file);
    fclose(file);
    if (!strcmp(name, "?")) return 0;
    snprintf(path, sizeof path, "%s/photo.bmp", getenv("TERMB_STUB"));
    if ((file = fopen(path, "rb"))) {
        FILE *to = fopen("zp.bmp", "wb");
        int byte;
        while ((byte = fgetc(file)) != EOF) fputc(byte, to);
        fclose(to);
        fclose(file);
    }
    return active == 4;
}

static int say(char *to, int *size, const char *text) {
    strcpy(to, text);
    *size = strlen(text) + 1;
    return 1;
}

int GetPeopleName(char *to, int *size) { return say(to, size, name); }
int GetPeopleSex(char *to, int *size) { return say(to, size, "\xc4\xd0"); }                 /* 男 in GBK */
int GetPeopleNation(char *to, int *size) { return say(to, size, "\xb2\xd8"); }              /* 藏 */
int GetPeopleBirthday(char *to, int *size) { return say(to, size, "1990-01-01"); }
int GetPeopleAddress(char *to, int *size) { return say(to, size, "\xc7\xe0\xba\xa3  "); }   /* 青海 */
int GetPeopleIDCode(char *to, int *size) { return say(to, size, "110101199001011237"); }
int GetDepartment(char *to, int *size) { return say(to, size, "\xb9\xab\xb0\xb2\xbe\xd6"); }
int GetStartDate(char *to, int *size) { return say(to, size, "2020.01.01"); }
int GetEndDate(char *to, int *size) { return say(to, size, "\xb3\xa4\xc6\xda"); }           /* 长期 */
