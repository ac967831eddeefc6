from typing import NoReturn

from django.http import Http404, HttpRequest
from ninja import Router
from ninja.openapi.docs import Swagger

from bookings.api.document import ProblemAPI
from bookings.api.limits import Throttle
from bookings.api.problems import add_handlers
from bookings.api.routes import router as bookings
from bookings.api.staff.deliveries import router as deliveries
from bookings.api.staff.visits import router as staff_visits
from bookings.api.times import router as times

ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

api = ProblemAPI(
    title="Clinic bookings",
    version="1",
    urls_namespace="api-1",
    description="Free times, bookings, moves and cancellations; for staff programs with a key also the diary and "
    "webhooks. Every time has an offset; days are local to Europe/London. Errors are `application/problem+json`.",
    docs=Swagger(settings={"persistAuthorization": False}),
    throttle=[Throttle()],
)
add_handlers(api)
nowhere = Router()


@nowhere.api_operation(ANY_METHOD, "/{path:rest}", include_in_schema=False)
def nothing(request: HttpRequest, rest: str) -> NoReturn:
    raise Http404("There is nothing at this address.")


for router in (times, bookings, staff_visits, deliveries, nowhere):
    api.add_router("", router)
