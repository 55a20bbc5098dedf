/** Keeps the place of the file with a user's workflows, which the bundle of the workflow code puts here. */
export default {}
