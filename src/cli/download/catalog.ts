/** The data sets that `lowrank download` knows: MovieLens, by GroupLens Research at the University of Minnesota. */

export const BASE_URL = "https://files.grouplens.org/datasets/movielens/";

export const LICENCE_NOTE = "For research: the README in the archive has the terms of use and the paper to cite.";

export interface DataSet {
  name: string;
  ratings: number;
  /** Size of the archive; roughly, where it changes. */
  archiveBytes: number;
  /** The ratings in the archive, without its outermost folder. */
  ratingsFile: string;
  /** The movies' ids and titles; beside the ratings. */
  titlesFile: string;
  /** What the table says of the ratings file. */
  format: string;
  /** Of the archive; undefined where GroupLens renews it: then the checksum published beside it counts. */
  md5: string | undefined;
}

const CSV = { ratingsFile: "ratings.csv", titlesFile: "movies.csv", format: "comma, header" };
const DAT = { ratingsFile: "ratings.dat", titlesFile: "movies.dat", format: ":: , no header" };

/** The checksums are those that GroupLens publishes beside the archives. */
export const DATA_SETS: readonly DataSet[] = [
  { name: "ml-latest-small", ratings: 100_836, archiveBytes: 978_202, ...CSV, md5: undefined },
  {
    name: "ml-100k",
    ratings: 100_000,
    archiveBytes: 4_924_029,
    ratingsFile: "u.data",
    titlesFile: "u.item",
    format: "tab, no header",
    md5: "0e33842e24a9c977be4e0107933c0723",
  },
  {
    name: "ml-1m",
    ratings: 1_000_209,
    archiveBytes: 5_917_549,
    ...DAT,
    md5: "c4d9eecfca2ab87c1945afe126590906",
  },
  {
    name: "ml-10m",
    ratings: 10_000_054,
    archiveBytes: 65_566_137,
    ...DAT,
    md5: "ce571fd55effeba0271552578f2648bd",
  },
  {
    name: "ml-20m",
    ratings: 20_000_263,
    archiveBytes: 198_702_078,
    ...CSV,
    md5: "cd245b17a1ae2cc31bb14903e1204af3",
  },
  {
    name: "ml-25m",
    ratings: 25_000_095,
    archiveBytes: 261_978_986,
    ...CSV,
    md5: "6b51fb2759a8657d3bfcbfc42b592ada",
  },
  {
    name: "ml-32m",
    ratings: 32_000_204,
    archiveBytes: 238_950_008,
    ...CSV,
    md5: "d472be332d4daa821edc399621853b57",
  },
  { name: "ml-latest", ratings: 33_832_162, archiveBytes: 335_000_000, ...CSV, md5: undefined },
];
