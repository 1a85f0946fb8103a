// Who decides: kept, so that the name is typed once a sitting. The operator's own and a second person's are not each other's.

const KEPT_AS = "kiosk.decided-by";
const place = (second) => (second ? `${KEPT_AS}.second` : KEPT_AS);

export const keptName = (second = false) => sessionStorage.getItem(place(second)) ?? "";

export function keepName(name, second = false) {
  if (name?.trim()) sessionStorage.setItem(place(second), name.trim());
}
